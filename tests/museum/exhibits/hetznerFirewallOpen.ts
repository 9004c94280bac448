import { file, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/coreos/tectonic-installer/pull/630",
  what: "A filter was opened to everybody to make one path work.",
  edits: [file("/etc/ufw/user.rules", /^(-A ufw-user-input -p tcp --dport 10250) -s \S+/m, "$1")],
  says: { question: "closed", text: "10250" },
};

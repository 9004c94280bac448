import { file, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/projectcalico/calico/issues/4927",
  what: "UFW of a database drops what comes from pods, now and then.",
  edits: [file("/etc/ufw/user.rules", /^-A ufw-user-input -p tcp --dport 5432 -s 10\.0\.0\.1\d\d .*\n/gm, "")],
  says: { question: "open", text: "5432" },
};

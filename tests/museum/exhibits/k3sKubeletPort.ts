import { closed, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/k0sproject/k0s/issues/5852",
  what: "kubectl logs times out: 10250 is closed between nodes.",
  edits: [closed(undefined, 10250)],
  says: { question: "open", text: "10250" },
};

import { input, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/kubernetes/ingress-nginx/issues/2007",
  what: "Timeouts written under another controller's names have no effect.",
  edits: [
    input(
      "keybuzz-api-platform-api-keybuzz-io",
      ["metadata", "annotations", "ingress.kubernetes.io/proxy-read-timeout"],
      "1200",
    ),
  ],
  says: { question: "understood", text: "ingress.kubernetes.io/proxy-read-timeout" },
};

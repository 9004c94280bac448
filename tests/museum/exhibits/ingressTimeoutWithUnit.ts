import { annotation, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/kubernetes/ingress-nginx/issues/11726",
  what: "A timeout with a unit is refused by the controller, and nobody says so.",
  edits: [annotation("keybuzz-api-platform-api-keybuzz-io", "proxy-read-timeout", "120s")],
  says: { question: "patient", text: '"120s" is refused' },
};

import { annotation, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/kubernetes/ingress-nginx/issues/10571",
  what: "A configuration-snippet runs commands in the controller.",
  edits: [annotation("keybuzz-api-platform-api-keybuzz-io", "configuration-snippet", "more_set_headers a;")],
  says: { question: "patient", text: "configuration-snippet" },
};

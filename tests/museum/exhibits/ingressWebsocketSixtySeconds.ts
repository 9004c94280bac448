import { annotation, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/kubernetes/ingress-nginx/issues/2917",
  what: "A WebSocket closes after a minute of silence: the default of proxy-read-timeout.",
  edits: [annotation("n8n-main-n8n-keybuzz-io-rest-push", "proxy-read-timeout", undefined)],
  says: { question: "patient", text: "proxy-read-timeout" },
};

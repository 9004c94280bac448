import { annotation, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/kubernetes/ingress-nginx/issues/5167",
  what: "WebSockets close after sixty seconds although reading may take an hour: sending may not.",
  edits: [annotation("n8n-main-n8n-keybuzz-io-rest-push", "proxy-send-timeout", "60")],
  says: { question: "patient", text: "proxy-send-timeout" },
};

import { annotation, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/IBM/webmethods-helm-charts/pull/12",
  what: "proxy-connect-timeout was raised, which opens nothing.",
  edits: [annotation("keybuzz-api-platform-api-keybuzz-io", "proxy-connect-timeout", "300")],
  says: { question: "patient", text: "proxy-connect-timeout" },
};

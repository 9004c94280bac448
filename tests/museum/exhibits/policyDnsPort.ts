import { input, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/kubernetes/kubernetes/issues/102286",
  what: "The policy opens the Service's port, the pods listen on another.",
  edits: [input("chatwoot-web-service", ["spec", "ports", 0, "targetPort"], 3999)],
  says: { question: "open", text: "3999" },
};

import { input, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/hashicorp/vault-k8s/issues/46",
  what: "The webhook's Service leads to a port on which nobody listens.",
  edits: [input("vault-agent-injector-service", ["spec", "ports", 0, "targetPort"], 9999)],
  says: { question: "open", text: "9999" },
};

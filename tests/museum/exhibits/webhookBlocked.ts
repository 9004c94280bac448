import { gone, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/hashicorp/vault-helm/issues/163",
  what: "The API server cannot come to the webhook; pods are not created, or come without secrets.",
  edits: [gone("policies-vault-allow-vault-agent-injector")],
  says: { question: "open", text: "vault-agent-injector" },
};

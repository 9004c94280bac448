import { option, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/kubernetes/ingress-nginx/issues/7837",
  what: "Snippets in annotations read every Secret of the cluster.",
  edits: [option("allow-snippet-annotations", "true")],
  says: { question: "understood", text: "allow-snippet-annotations" },
};

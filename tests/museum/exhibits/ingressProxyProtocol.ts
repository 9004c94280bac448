import { option, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/kubernetes/ingress-nginx/issues/3996",
  what: "broken header: the controller waits for the PROXY protocol that the balancer does not speak.",
  edits: [option("use-proxy-protocol", "true")],
  says: { question: "understood", text: "use-proxy-protocol" },
};

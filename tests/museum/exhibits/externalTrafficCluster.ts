import { input, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/kubernetes/kubernetes/issues/86889",
  what: "externalTrafficPolicy Cluster: another node passes connections on, and the pod's policy sees that node.",
  edits: [input("ingress-nginx-service", ["spec", "externalTrafficPolicy"], "Cluster")],
  says: { question: "open", text: "externalTrafficPolicy" },
};

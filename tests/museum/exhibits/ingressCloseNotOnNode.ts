import { input, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/hetznercloud/hcloud-cloud-controller-manager/issues/247",
  what: "The controller runs on one node only, and the balancer sends to all.",
  edits: [
    input("ingress-nginx-controller", ["spec", "template", "spec", "nodeSelector"], {
      "keybuzz.io/duty": "monitoring",
    }),
  ],
  says: { question: "open", text: "none may run there" },
};

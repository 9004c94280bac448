import { input, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/hcloud-k8s/terraform-hcloud-kubernetes/issues/450",
  what: "Full packets vanish: the tunnel's header does not fit into 1450 bytes.",
  edits: [input("kubernetes-calico-installation", ["spec", "calicoNetwork", "mtu"], 1450)],
  says: { question: "sound", text: "1450" },
};

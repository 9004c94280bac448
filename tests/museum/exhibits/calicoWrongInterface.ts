import { input, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/mysticaltech/terraform-hcloud-kube-hetzner/pull/847",
  what: "The network guesses its MTU from the public interface.",
  edits: [input("kubernetes-calico-installation", ["spec", "calicoNetwork", "mtu"], undefined)],
  says: { question: "sound", text: "guessed from the nodes' interfaces" },
};

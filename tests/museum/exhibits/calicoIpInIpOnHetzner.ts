import { input, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/cluster-api-provider-hcloud/cluster-api-provider-hcloud/pull/6",
  what: "The MTU is that of another encapsulation.",
  edits: [input("kubernetes-calico-installation", ["spec", "calicoNetwork", "mtu"], 1440)],
  says: { question: "sound", text: "1440" },
};

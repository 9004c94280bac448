import { input, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/projectcalico/calico/issues/10692",
  what: "Felix listens on another VXLAN port than the firewall opens.",
  edits: [input("kubernetes-calico-felix", ["spec", "vxlanPort"], 4799)],
  says: { question: "understood", text: "vxlanPort" },
};

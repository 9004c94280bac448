import { closed, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/projectcalico/calico/issues/7727",
  what: "Pods of different nodes do not reach each other: UFW drops VXLAN.",
  edits: [closed(undefined, 4789, "udp")],
  says: { question: "open", text: "4789" },
};

import { input, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/mysticaltech/terraform-hcloud-kube-hetzner/issues/759",
  what: "The balancer has no healthy target.",
  edits: [input("lb-keybuzz-1-service-443", ["healthCheck", "port"], 9999)],
  says: { question: "sound", text: "healthCheck" },
};

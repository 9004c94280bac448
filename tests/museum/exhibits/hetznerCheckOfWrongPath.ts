import { input, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/hetznercloud/hcloud-cloud-controller-manager/issues/270",
  what: "All targets are unhealthy: the check asks what nobody answers with 200.",
  edits: [input("lb-keybuzz-1-service-443", ["healthCheck", "http", "path"], "/")],
  says: { question: "sound", text: "healthCheck" },
};

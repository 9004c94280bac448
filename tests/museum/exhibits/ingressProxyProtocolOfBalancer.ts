import { input, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/vitobotta/hetzner-k3s/issues/292",
  what: "400 Bad Request: the balancer speaks the PROXY protocol, and the controller takes it for a request.",
  edits: [input("lb-keybuzz-1-service-443", ["proxyprotocol"], true)],
  says: { question: "open", text: "proxy protocol" },
};

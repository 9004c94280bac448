import { option, type Missed } from "../exhibit";

export const exhibit: Missed = {
  report: "https://github.com/kubernetes/ingress-nginx/issues/9516",
  what: "Each reload of nginx closes WebSockets after worker-shutdown-timeout.",
  edits: [option("worker-shutdown-timeout", "10s")],
  missed: "A reload happens with each change of any Ingress; how often, no graph tells. Clients of /cable reconnect.",
};

import type { AlertRule, RuleGroup } from "../alertRule";
import type { RuleFacts } from "./ruleFacts";

const requests = (status: string): string =>
  `sum by (host) (rate(nginx_ingress_controller_requests{status=~"${status}"}[5m]))`;
const ratio = (status: string): string => `${requests(status)} / ${requests(".+")}`;

/** The way from the internet to a pod: what the four incidents (docs/incidents.md) looked like from outside. */
export function ingressRules({ nodes, ingressNginx }: RuleFacts): RuleGroup {
  return { name: "ingress", rules: [...(ingressNginx ? controllerRules() : []), ...entryRules(nodes)] };
}

/** By ingress-nginx' own figures. */
function controllerRules(): readonly AlertRule[] {
  return [
    {
      alert: "GatewayTimeouts",
      expr: `${ratio("504")} > 0.01`,
      holds: "2m",
      severity: "critical",
      summary: "More than 1 % of the requests to {{ $labels.host }} end with 504",
      runbook:
        "Look at the dashboard Ingress, upstream connect time. Slow or failing connects: a filter is in the way between node and pod; run `npm run explain` for the route, check `ufw status` and the NetworkPolicies; never switch UFW off. Fast connects: the application is slow; look at its pods, then at PostgreSQL and Redis. A longer proxy-connect-timeout cures neither.",
    },
    {
      alert: "ClientsGiveUp",
      expr: `${ratio("499")} > 0.05`,
      holds: "5m",
      severity: "warning",
      summary: "More than 5 % of the requests to {{ $labels.host }} are given up by their clients (499)",
      runbook:
        "Somebody before the ingress is less patient than the application: compare response times with the limits of the chain (load balancer idle, gateways of clients). For streams check that the first byte comes within 2 s and a heartbeat every 15 s.",
    },
    {
      alert: "UpstreamErrors",
      expr: `${ratio("50[0-3]")} > 0.02`,
      holds: "5m",
      severity: "critical",
      summary: "More than 2 % of the requests to {{ $labels.host }} end with 500-503",
      runbook:
        "503: no pod is ready, look at the Deployment. 502: pods close connections, look for restarts and memory limits. 500: the application's own log.",
    },
    {
      alert: "UpstreamConnectSlow",
      expr: "histogram_quantile(0.95, sum by (host, le) (rate(nginx_ingress_controller_connect_duration_seconds_bucket[5m]))) > 1",
      holds: "5m",
      severity: "warning",
      summary: "Connecting to the pods of {{ $labels.host }} takes longer than 1 s (95th percentile)",
      runbook:
        "Within one network a connect takes a millisecond. Lost SYNs are retried after 1 s: look for dropped packets in the nodes' UFW log, for the pod network's MTU, and for pods whose backlog is full. This came before the 504s of the first incident.",
    },
  ];
}

/** Whoever the controller is. */
function entryRules(nodes: number): readonly AlertRule[] {
  return [
    {
      alert: "PublicHostDown",
      expr: 'probe_success{job="probe-web"} == 0',
      holds: "2m",
      severity: "critical",
      summary: "{{ $labels.public_host }} does not answer through {{ $labels.machine }}",
      runbook:
        "One load balancer only: its targets' health in the Hetzner console, and its certificate. Both: the ingress pods, then the application. DNS points at both, with a TTL of 60 s: a broken one can be taken out of the records.",
    },
    {
      alert: "IngressPodsMissing",
      expr: `kube_daemonset_status_number_ready{namespace="ingress-nginx"} < ${nodes}`,
      holds: "5m",
      severity: "critical",
      summary: `Fewer than ${nodes} ingress pods are ready: one for each node`,
      runbook:
        "`kubectl -n ingress-nginx get pods -o wide` shows the node without one. A taint without toleration, a port in use on the node, or a node that is not ready. The load balancers leave such a node out after 9 s.",
    },
  ];
}

import type { Topology } from "../components/topology/topology";
import type { AcceptedRisk as DeclaredRisk } from "../verifier/declaration";
import type { Environment } from "./environment";
import type { RiskSubject } from "./riskSpecs";

/** The accepted risks of an environment in the names of its own machines; one that speaks of nobody there is left out. */
export function declaredRisks(environment: Environment, topology: Topology): readonly DeclaredRisk[] {
  return (environment.accepted ?? []).flatMap((risk): readonly DeclaredRisk[] => {
    const { reason } = risk;
    switch (risk.kind) {
      case "exposure": {
        const from = names(risk.from, environment);
        if (from.length === 0) return [];
        const to = names(risk.to, environment).flatMap((name) =>
          isBalancer(risk.to) ? portsOf(name, topology) : [name],
        );
        return to.map((one) => ({ kind: "exposure", from, to: one, reason }));
      }
      case "unread":
        return [risk];
      case "singlePoint": {
        const [of, ...others] = names(risk.of, environment);
        // Two of a role are none, and neither is what nobody comes through.
        if (of === undefined || others.length > 0 || (isBalancer(risk.of) && !isUsed(of, topology))) return [];
        return [{ kind: "singlePoint", of, reason }];
      }
    }
  });
}

function names(subject: RiskSubject, environment: Environment): readonly string[] {
  const { hosts, dataLoadBalancer, mariadbLoadBalancer } = environment;
  if (typeof subject === "string") return [subject];
  if ("role" in subject) return hosts.filter(({ role }) => role === subject.role).map(({ name }) => name);
  if ("pods" in subject) {
    return hasPart(subject.of, environment) ? [subject.pods] : [];
  }
  if ("location" in subject) {
    const locations = new Set(hosts.map(({ location }) => location ?? environment.location));
    return locations.size === 1 ? [...locations].map((location) => `location ${location}`) : [];
  }
  switch (subject.balancer) {
    case "data":
      return [dataLoadBalancer.name];
    case "mariadb":
      return mariadbLoadBalancer === undefined ? [] : [mariadbLoadBalancer.name];
  }
}

function hasPart(
  part: Extract<RiskSubject, { readonly pods: string }>["of"],
  { kubernetes, monitoring, workloads }: Environment,
): boolean {
  switch (part) {
    case "ingressNginx":
      return (kubernetes.ingress?.kind ?? "nginx") === "nginx";
    case "monitoring":
      return monitoring !== undefined;
    default:
      return workloads[part] !== undefined;
  }
}

function isBalancer(subject: RiskSubject): boolean {
  return typeof subject === "object" && "balancer" in subject;
}

function isUsed(balancer: string, topology: Topology): boolean {
  return topology.flows.some(({ to: { provider } }) => provider.kind === "loadBalancer" && provider.name === balancer);
}

/** Where something is declared to listen: another port of the balancer is no accepted one. */
function portsOf(balancer: string, topology: Topology): readonly string[] {
  return topology.listeners.flatMap(({ endpoint: { provider, port } }) =>
    provider.kind === "loadBalancer" && provider.name === balancer ? [`${balancer}:${port}`] : [],
  );
}

import type { ExposedRoute } from "../components/cluster/ingress/ingressService";
import type { Route } from "../components/cluster/ingress/routes";
import { recordSet } from "../components/network/dnsRecords";
import { podLabels, type Party } from "../components/topology/party";
import type { Endpoint, Topology } from "../components/topology/topology";
import type { Declaration, DeclaredEndpoint, DeclaredParty, DeclaredRoute } from "../verifier/declaration";
import type { PlannedWorkload } from "../components/workloads/workloadPlans";
import { declaredRisks } from "./declaredRisks";
import type { Environment } from "./environment";

/** How long an ordinary answer may take where a route does not say (routes.ts). */
const DEFAULT_RESPONSE_SECONDS = 60;

export interface DeclarationArgs {
  readonly topology: Topology;
  readonly routes: readonly ExposedRoute[];
  /** Their processes know how long their own requests may take. */
  readonly apps: readonly PlannedWorkload[];
  readonly environment: Environment;
}

/**
 * What the estate says of itself, to be held against what it emits: needs and intentions only, no rule, address of a
 * host or timeout of a hop that was derived from them.
 */
export function declaration({ topology, routes, apps, environment }: DeclarationArgs): Declaration {
  return {
    flows: topology.flows.map(({ from, to, purpose }) => ({ from: party(from), to: endpoint(to), purpose })),
    routes: routes.map((route) => declaredRoute(route, apps)),
    gateways: environment.web.gateways ?? [],
    listeners: topology.listeners.map((listener) => ({
      endpoint: endpoint(listener.endpoint),
      leadsTo: endpoint(listener.backend),
      ...(listener.idleTimeoutSeconds === undefined ? {} : { idleSeconds: listener.idleTimeoutSeconds }),
    })),
    accepted: declaredRisks(environment, topology),
    names: {
      zone: environment.web.zone,
      records: (environment.web.records ?? []).map((record) => {
        const { name, type, values } = recordSet(record, environment.web.dnsTtlSeconds);
        return { name, type, values };
      }),
    },
  };
}

function endpoint({ id, provider, port, protocol }: Endpoint): DeclaredEndpoint {
  return { id, provider: party(provider), port, protocol };
}

function party(one: Party): DeclaredParty {
  switch (one.kind) {
    case "internet":
    case "anyPod":
      return { kind: one.kind };
    case "operators":
      return { kind: "operators", cidrs: one.cidrs };
    case "hosts":
      return { kind: "hosts", group: one.group, hosts: one.hosts.map(({ name }) => name) };
    case "loadBalancer":
      return { kind: "loadBalancer", name: one.name };
    case "pods":
      return { kind: "pods", namespace: one.namespace, app: one.app, labels: podLabels(one) };
  }
}

function declaredRoute({ pods, host, route, audience }: ExposedRoute, apps: readonly PlannedWorkload[]): DeclaredRoute {
  const process = apps.flatMap(({ app }) => app.processes).find(({ name }) => name === pods.app);
  return {
    host,
    path: route.path,
    match: route.match ?? "prefix",
    kind: route.kind,
    namespace: pods.namespace,
    app: pods.app,
    ...(audience === undefined ? {} : { audience }),
    ...needs(route, process?.longestRequestSeconds),
  };
}

function needs(
  route: Route,
  longestRequestSeconds: number | undefined,
): Pick<DeclaredRoute, "firstByteSeconds" | "silenceSeconds" | "longestRequestSeconds" | "maxBodyMb"> {
  switch (route.kind) {
    case "http":
    case "upload": {
      const answer = route.responseTimeoutSeconds ?? DEFAULT_RESPONSE_SECONDS;
      return {
        firstByteSeconds: answer,
        silenceSeconds: answer,
        longestRequestSeconds: longestRequestSeconds ?? answer,
        maxBodyMb: route.maxBodyMb ?? 1,
      };
    }
    case "websocket":
      return { silenceSeconds: route.heartbeatSeconds, maxBodyMb: 1 };
    case "sse":
      return {
        firstByteSeconds: route.firstByteSeconds,
        silenceSeconds: route.heartbeatSeconds,
        maxBodyMb: route.maxBodyMb ?? 1,
      };
  }
}

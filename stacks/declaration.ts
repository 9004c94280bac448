import type { ExposedRoute } from "../components/cluster/ingress/exposedRoute";
import { recordSet } from "../components/network/dnsRecords";
import { podLabels, type Party } from "../components/topology/party";
import type { Endpoint, Topology } from "../components/topology/topology";
import type { Declaration, DeclaredEndpoint, DeclaredParty } from "../verifier/declaration";
import type { PlannedWorkload } from "../components/workloads/workloadPlans";
import { declaredRisks } from "./declaredRisks";
import { declaredRoute } from "./declaredRoute";
import type { Environment } from "./environment";
import { webZones } from "./webZones";

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
  const leaving = environment.hosts.filter((host) => host.leaving === true).map(({ name }) => name);
  return {
    flows: topology.flows.map(({ from, to, purpose }) => ({ from: party(from), to: endpoint(to), purpose })),
    routes: routes.map((route) => declaredRoute(route, apps)),
    gateways: environment.web.gateways ?? [],
    listeners: topology.listeners.map((listener) => ({
      endpoint: endpoint(listener.endpoint),
      leadsTo: endpoint(listener.backend),
      ...(listener.idleTimeoutSeconds === undefined ? {} : { idleSeconds: listener.idleTimeoutSeconds }),
      ...(listener.leadsTo === undefined ? {} : { role: listener.leadsTo }),
      ...(listener.noticedWithinSeconds === undefined ? {} : { noticedWithinSeconds: listener.noticedWithinSeconds }),
      ...(leaving.length > 0 && listener.endpoint.provider.kind === "loadBalancer" ? { leaving } : {}),
    })),
    accepted: declaredRisks(environment, topology),
    ...(environment.outageBudget === undefined ? {} : { outageBudget: environment.outageBudget }),
    names: webZones(environment).map(({ zone, records = [] }) => ({
      zone,
      records: records.map((record) => {
        const { name, type, values } = recordSet(record, environment.web.dnsTtlSeconds);
        return { name, type, values };
      }),
    })),
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

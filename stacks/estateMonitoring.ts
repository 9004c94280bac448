import { planMonitoring, type PlannedMonitoring } from "../components/monitoring/planMonitoring";
import type { SecretLedger } from "../components/secrets/secretLedger";
import type { Topology } from "../components/topology/topology";
import type { Environment } from "./environment";
import type { EstateServices } from "./estateServices";
import type { Parties } from "./parties";

export interface EstateMonitoringArgs {
  readonly environment: Environment;
  readonly parties: Parties;
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  readonly services: EstateServices;
}

/** What watches the estate, if anything does. Call it when the workloads are planned: their hosts are watched, too. */
export function estateMonitoring(args: EstateMonitoringArgs): PlannedMonitoring | undefined {
  const { environment, parties, topology, secrets, services } = args;
  if (environment.monitoring === undefined) return undefined;
  const { postgres, redis, rabbitmq, mariadb, objectStore, vectorStore } = services;
  const chatwootHost = environment.workloads.chatwoot?.host;
  const vaultMembers = environment.workloads.vault?.replicas;
  return planMonitoring({
    ...environment.monitoring,
    topology,
    secrets,
    estate: environment.name,
    machines: parties.all,
    nodes: services.k3s.nodes,
    api: services.k3s.apiBackend,
    haproxy: services.haproxy,
    ingressNginx: (environment.kubernetes.ingress?.kind ?? "nginx") === "nginx",
    webLoadBalancers: parties.webLbs,
    publicHosts: services.ingress.hosts,
    verifyCertificates: environment.web.certificate !== "selfSigned",
    ...(postgres === undefined ? {} : { postgres }),
    ...(redis === undefined ? {} : { redis }),
    ...(rabbitmq === undefined ? {} : { rabbitmq }),
    ...(mariadb === undefined ? {} : { mariadb }),
    ...(objectStore === undefined ? {} : { objectStore }),
    ...(vectorStore === undefined ? {} : { vectorStore }),
    ...(chatwootHost === undefined ? {} : { chatwootHost }),
    ...(vaultMembers === undefined ? {} : { vaultMembers }),
  });
}

import type { Environment } from "../../../../stacks/environment";
import type { Settings } from "../../../../stacks/stackConfig";
import { EXAMPLE_SETTINGS } from "../../../../stacks/emittedGraph";
import { workers } from "../../../../stacks/workers";
import type { AppSpec } from "../../../../stacks/environment";
import { throughGateway } from "../../../../tools/throughGateway";

/** A change of prod whose end is sound. */
export interface Change {
  readonly name: string;
  readonly edit: (environment: Environment) => Environment;
  /** What a run before has made of prod. Default: nothing. */
  readonly since?: (environment: Environment) => Environment;
  readonly settings?: Partial<Settings>;
  /** As a run that does not know what is there. Default: it knows which servers have another type. */
  readonly unasked?: boolean;
  /** What must be said of it; nothing else is asked of a harmless one. */
  readonly refused?: readonly RegExp[];
}

type Host = Environment["hosts"][number];
const each =
  (edit: (host: Host) => Host) =>
  (environment: Environment): Environment => ({ ...environment, hosts: environment.hosts.map(edit) });
const named = (names: readonly string[], edit: (host: Host) => Host): ((environment: Environment) => Environment) =>
  each((host) => (names.includes(host.name) ? edit(host) : host));
const without = (...names: readonly string[]) =>
  (environment: Environment): Environment => ({ ...environment, hosts: environment.hosts.filter(({ name }) => !names.includes(name)) }); // prettier-ignore
const fleet = { subnetCidr: "10.0.0.0/16", serverType: "cpx42" } as const;
const workerFleet = (count: number, duties: Readonly<Record<number, "ai" | "monitoring">>) =>
  (environment: Environment): Environment => ({
    ...environment,
    hosts: [...environment.hosts.filter(({ role }) => role !== "k3sAgent"), ...workers(count, { ...fleet, duties })],
  }); // prettier-ignore
const k3s = (k3sVersion: string) => (environment: Environment): Environment => ({
  ...environment,
  kubernetes: { ...environment.kubernetes, k3sVersion },
}); // prettier-ignore
const release = ({ kubernetes }: Environment, minors: number, patches: number): string =>
  kubernetes.k3sVersion.replace(
    /^v1\.(\d+)\.(\d+)/,
    (_, minor: string, patch: string) => `v1.${Number(minor) + minors}.${Number(patch) + patches}`,
  );

const app = (name: string, edit: (app: AppSpec) => AppSpec) => (environment: Environment): Environment => ({
  ...environment,
  workloads: { ...environment.workloads, apps: (environment.workloads.apps ?? []).map((one) => (one.name === name ? edit(one) : one)) },
}); // prettier-ignore
type Web = Extract<AppSpec["processes"][number], { kind: "web" }>;
const web = (edit: (web: Web) => Web) => (one: AppSpec): AppSpec => ({
  ...one,
  processes: one.processes.map((process) => (process.kind === "web" ? edit(process) : process)),
}); // prettier-ignore
const postgres = (edit: Partial<Environment["postgres"]>) => (environment: Environment): Environment => ({
  ...environment,
  postgres: { ...environment.postgres, ...edit },
}); // prettier-ignore
const largerDatabases = each((host) => (host.role === "postgres" ? { ...host, serverType: "ccx33" } : host));

/** Each of them once previewed as proved. */
export const HARMFUL: readonly Change[] = [
  {
    name: "a cluster's server type, where nobody asked what is there",
    edit: largerDatabases,
    unasked: true,
    refused: [/^majority PostgreSQL: db-master-01, db-slave-01 and db-slave-02 may be powered off at the same time.*only with 2 of 3 \| one machine a run/],
  },
  {
    name: "one worker fewer",
    edit: workerFleet(4, { 3: "ai" }),
    refused: [/^way k3s-worker-05: .*close their filters for it before: .*calico\/vxlan\) at UFW of k3s-master-01/, /^loss k3s-worker-05: it is protected/],
  },
  { name: "DCS", edit: postgres({ dcs: "etcd" }), refused: [/^version Patroni's DCS: raft -> etcd3 on .*nobody leads until people act/] },
  { name: "PostgreSQL up", edit: postgres({ version: 17 }), refused: [/^version PostgreSQL's version: 16 -> 17 on .*an empty cluster/] },
  { name: "PostgreSQL down", edit: postgres({ version: 15 }), refused: [/^version PostgreSQL's version: 16 -> 15 on/] },
  { name: "K3s skips a minor", edit: (environment) => k3s(release(environment, 2, 0))(environment), refused: [/^version Kubernetes' release: .*a minor version is skipped/] },
  { name: "K3s goes back", edit: (environment) => k3s(release(environment, 0, -1))(environment), refused: [/^version Kubernetes' release: .*no way back/] },
  { name: "image", edit: (environment) => ({ ...environment, image: "ubuntu-24.04" }), refused: [/^effect the machines' system: ubuntu-22\.04 -> ubuntu-24\.04 on/] },
  {
    name: "MinIO 1 -> 4",
    edit: (environment) => ({
      ...environment,
      hosts: [
        ...environment.hosts,
        ...[2, 3, 4].map((n): Host => ({ name: `minio-0${n}`, role: "minio", address: `10.0.0.${140 + n}`, serverType: "cpx42" })),
      ],
    }),
    refused: [/^version MinIO's drives: .* on minio-01: MinIO does not start/, /^effect minio-01: another placement group/],
  },
  { name: "HAProxy 2 -> 1", edit: without("haproxy-02"), refused: [/^effect haproxy-01: another placement group, or none/, /^way haproxy-02: .*postgres\/member\) at UFW of db-master-01/] },
  {
    name: "the location of two hosts",
    edit: named(["haproxy-01", "haproxy-02"], (host) => ({ ...host, location: "nbg1" })),
    refused: [/^majority HAProxy: haproxy-01 and haproxy-02 may be deleted and made anew at the same time/],
  },
  { name: "the operator's address", edit: (environment) => environment, settings: { operatorCidrs: ["198.51.100.0/24"] }, refused: [/^door the way to the machines: .*203\.0\.113\.0\/24.*closes behind the run/] },
  {
    name: "a workload taken out",
    edit: ({ workloads: { n8n: _n8n, ...workloads }, ...environment }) => ({ ...environment, workloads }),
    refused: [/^loss n8n\/encryption-key: .*also when it is put back/],
  },
  { name: "pod networks", edit: (environment) => ({ ...environment, network: { ...environment.network, serviceCidr: "10.234.0.0/18" } }), refused: [/^effect the pods' network: /] },
  {
    name: "all database addresses",
    edit: each((host) => (host.role === "postgres" ? { ...host, address: host.address.replace(/1(\d\d)$/, "2$1") } : host)),
    refused: [/^majority PostgreSQL: .* may lose their address at the same time/],
  },
  { name: "ingress", edit: throughGateway, refused: [/^route 21 public routes: ingress-nginx -> a Gateway/] },
  {
    name: "ingress, back again",
    since: throughGateway,
    edit: (environment) => environment,
    refused: [/^route 21 public routes: a Gateway -> ingress-nginx/],
  },
  { name: "a duty moved", edit: workerFleet(5, { 4: "ai", 5: "monitoring" }), refused: [/^effect what a node is for: .* on k3s-worker-03: .*nothing would change/, /on k3s-worker-04/] },
]; // prettier-ignore

const front = "keybuzz-front";

/** Of these nobody must be warned: whoever is warned of what is harmless soon reads no warning. */
export const HARMLESS: readonly Change[] = [
  { name: "nothing", edit: (environment) => environment },
  { name: "a cluster's server type, one after the other", edit: largerDatabases },
  { name: "every machine's type", edit: each((host) => ({ ...host, serverType: "ccx43" })) },
  { name: "one worker more", edit: workerFleet(6, { 3: "ai", 5: "monitoring" }) },
  {
    name: "a worker fewer, which a run before has emptied",
    since: named(["k3s-worker-04"], (host) => ({ ...host, leaving: true })),
    edit: without("k3s-worker-04"),
    settings: { consentToDelete: ["k3s-worker-04"] },
  },
  { name: "more pods", edit: app(front, web((one) => ({ ...one, scale: 5 }))) },
  { name: "a password rotated", edit: (environment) => ({ ...environment, rotations: { "postgres/chatwoot": 1 } }) },
  { name: "a need opened", edit: app(front, (one) => ({ ...one, needs: { redis: { index: 9 } } })) },
  {
    name: "a need dropped",
    edit: app("keybuzz-api", ({ needs = {}, ...one }) => {
      const { vectors: _vectors, ...rest } = needs;
      return { ...one, needs: rest };
    }),
  },
  { name: "another network of operators", edit: (environment) => environment, settings: { operatorCidrs: ["203.0.113.0/24", "198.51.100.0/24"] } },
  { name: "a narrower network of operators", edit: (environment) => environment, settings: { operatorCidrs: ["203.0.113.128/25"] } },
  { name: "K3s' next patch", edit: (environment) => k3s(release(environment, 0, 1))(environment) },
  { name: "K3s' next minor", edit: (environment) => k3s(release(environment, 1, 0))(environment) },
  { name: "a single machine's type", edit: named(["vector-01"], (host) => ({ ...host, serverType: "cpx52" })) },
  {
    name: "a route's patience",
    edit: (environment) => ({
      ...environment,
      workloads: {
        ...environment.workloads,
        ...(environment.workloads.chatwoot === undefined ? {} : { chatwoot: { ...environment.workloads.chatwoot, requestTimeoutSeconds: 90 } }),
      },
    }),
  },
  {
    name: "a larger balancer",
    edit: (environment) => ({
      ...environment,
      web: { ...environment.web, loadBalancers: environment.web.loadBalancers.map((one) => ({ ...one, type: "lb31" as const })) },
    }),
  },
  { name: "a longer patience of the balancers", edit: (environment) => ({ ...environment, web: { ...environment.web, dnsTtlSeconds: 300 } }) },
  { name: "another retention of metrics", edit: (environment) => ({ ...environment, ...(environment.monitoring === undefined ? {} : { monitoring: { ...environment.monitoring, retentionDays: 60 } }) }) },
  { name: "protection lifted", edit: (environment) => ({ ...environment, protect: false }) },
]; // prettier-ignore

export const CHANGES = [...HARMFUL, ...HARMLESS];

export const settingsOf = ({ settings = {} }: Change): Settings => ({ ...EXAMPLE_SETTINGS, ...settings });

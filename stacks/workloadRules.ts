import { duplicates, shown, type Mistake } from "../components/mistakes";
import type { DataNeed } from "../components/workloads/dataNeeds";
import { FIRST_FREE_REDIS_INDEX, LAST_FREE_REDIS_INDEX } from "../components/workloads/redisIndexes";
import type { Environment, WorkloadsSpec } from "./environment";
import { publicHosts } from "./publicHosts";
import type { HostRole } from "./roles";

type Rule = (environment: Environment) => readonly Mistake[];
type Named = Exclude<keyof WorkloadsSpec, "connectors">;

interface Needs {
  readonly roles: readonly HostRole[];
  readonly workloads: readonly Named[];
}

/** What each workload asks of the estate. */
const NEEDS: Readonly<Record<Named, Needs>> = {
  keybuzzApi: { roles: ["postgres", "redis", "rabbitmq", "minio", "qdrant"], workloads: ["liteLlm"] },
  keybuzzFront: { roles: [], workloads: [] },
  chatwoot: { roles: ["postgres", "redis", "minio"], workloads: [] },
  liteLlm: { roles: ["postgres", "redis"], workloads: [] },
  n8n: { roles: ["postgres", "redis"], workloads: [] },
  superset: { roles: ["postgres", "redis"], workloads: [] },
  erpNext: { roles: ["mariadb", "proxysql", "redis"], workloads: [] },
  vault: { roles: [], workloads: [] },
};

/** Who answers a connector's need. */
const PROVIDERS: Readonly<Record<DataNeed, Needs>> = {
  database: { roles: ["postgres"], workloads: [] },
  redis: { roles: ["redis"], workloads: [] },
  rabbit: { roles: ["rabbitmq"], workloads: [] },
  bucket: { roles: ["minio"], workloads: [] },
  vectors: { roles: ["qdrant"], workloads: [] },
  llm: { roles: [], workloads: ["liteLlm"] },
};

const needs: Rule = (e) => {
  const unmet = (path: string, { roles, workloads }: Needs): readonly Mistake[] => [
    ...roles
      .filter((role) => !e.hosts.some((host) => host.role === role))
      .map((role) => ({
        path,
        found: `no host with role "${role}", which it uses`,
        allowed: "workloads whose needs the environment meets",
        fix: `add hosts with role "${role}", or remove the workload`,
      })),
    ...workloads
      .filter((other) => e.workloads[other] === undefined)
      .map((other) => ({
        path,
        found: `no workloads.${other}, which it uses`,
        allowed: "workloads whose needs the environment meets",
        fix: `add workloads.${other}, or remove the workload`,
      })),
  ];
  return [
    ...(Object.keys(NEEDS) as Named[])
      .filter((name) => e.workloads[name] !== undefined)
      .flatMap((name) => unmet(`workloads.${name}`, NEEDS[name])),
    ...(e.workloads.connectors ?? []).flatMap((connector, i) =>
      (connector.needs ?? []).flatMap((need) => unmet(`workloads.connectors[${i}]`, PROVIDERS[need])),
    ),
  ];
};

const domains: Rule = (e) => {
  const hosts = publicHosts(e.workloads);
  return [
    ...hosts
      .filter(({ host }) => host !== e.web.zone && !host.endsWith(`.${e.web.zone}`))
      .map(({ path, host }) => ({
        path,
        found: shown(host),
        allowed: `a host in web.zone "${e.web.zone}": no DNS record and no certificate can be made for others`,
        fix: "choose one in that zone",
      })),
    ...duplicates(
      hosts,
      ({ host }) => host,
      ({ path, host }, first) => ({
        path,
        found: `${shown(host)}, the host of ${first.path} too`,
        allowed: "a host of its own for each workload",
        fix: "choose another",
      }),
    ),
  ];
};

const autoscaling: Rule = ({ workloads: { keybuzzApi, connectors = [] } }) =>
  [
    { path: "workloads.keybuzzApi", spec: keybuzzApi },
    ...connectors.map((spec, i) => ({ path: `workloads.connectors[${i}]`, spec })),
  ].flatMap(({ path, spec }) =>
    spec?.maxReplicas !== undefined && spec.maxReplicas < spec.replicas
      ? [
          {
            path: `${path}.maxReplicas`,
            found: String(spec.maxReplicas),
            allowed: `from ${path}.replicas, ${spec.replicas}: it is the upper bound of the autoscaler`,
            fix: "raise it, or lower replicas",
          },
        ]
      : [],
  );

const connectors: Rule = ({ workloads }) => {
  const all = (workloads.connectors ?? []).map((spec, i) => ({ path: `workloads.connectors[${i}]`, spec }));
  const onRedis = all
    .filter(({ spec }) => (spec.needs ?? []).includes("redis"))
    .map(({ path, spec }) => ({ path: `${path}.redisIndex`, index: spec.redisIndex ?? FIRST_FREE_REDIS_INDEX }));
  return [
    ...duplicates(
      all,
      ({ spec }) => spec.name,
      ({ path, spec }, first) => ({
        path: `${path}.name`,
        found: `${shown(spec.name)}, the name of ${first.path} too`,
        allowed: "a name of its own: it names its database and bucket",
        fix: "choose another",
      }),
    ),
    ...onRedis
      .filter(({ index }) => index < FIRST_FREE_REDIS_INDEX || index > LAST_FREE_REDIS_INDEX)
      .map(({ path, index }) => ({
        path,
        found: String(index),
        allowed: `${FIRST_FREE_REDIS_INDEX}-${LAST_FREE_REDIS_INDEX}: the rest is other applications'`,
        fix: "choose a free one",
      })),
    ...duplicates(
      onRedis,
      ({ index }) => String(index),
      ({ path, index }, first) => ({
        path,
        found: `${index}, which ${first.path} is too`,
        allowed: "an index of its own",
        fix: `choose a free one up to ${LAST_FREE_REDIS_INDEX}`,
      }),
    ),
    ...all
      .filter(({ spec }) => spec.routes !== undefined && spec.host === undefined)
      .map(({ path }) => ({
        path: `${path}.routes`,
        found: "routes that lead nowhere",
        allowed: `routes together with ${path}.host`,
        fix: "add the host, or remove the routes",
      })),
  ];
};

/** Members of a raft that are not an odd number survive no more than one fewer would. */
const vault: Rule = ({ hosts, workloads }) => {
  const replicas = workloads.vault?.replicas;
  if (replicas === undefined) return [];
  const workers = hosts.filter(({ role, duty }) => role === "k3sAgent" && (duty ?? "general") === "general").length;
  const path = "workloads.vault.replicas";
  return [
    ...([1, 3, 5].includes(replicas)
      ? []
      : [{ path, found: String(replicas), allowed: "1, 3 or 5: raft needs an odd number", fix: "choose one of them" }]),
    ...(replicas <= workers
      ? []
      : [
          {
            path,
            found: `${replicas} with ${workers} general workers`,
            allowed: "a general worker of its own for each member",
            fix: 'lower it, or add hosts with role "k3sAgent"',
          },
        ]),
  ];
};

/** What is asked of an environment's workloads. */
export const WORKLOAD_RULES: readonly Rule[] = [needs, domains, autoscaling, connectors, vault];

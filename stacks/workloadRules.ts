import type { DataNeed } from "../components/workloads/dataNeeds";
import { FIRST_FREE_REDIS_INDEX, LAST_FREE_REDIS_INDEX } from "../components/workloads/redisIndexes";
import type { Environment, WorkloadsSpec } from "./environment";
import { duplicates, type Mistake } from "./mistakes";
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

/** Every mistake of meaning in an environment's workloads. */
export function workloadRules(environment: Environment): readonly Mistake[] {
  return RULES.flatMap((rule) => rule(environment));
}

const needs: Rule = (e) => {
  const unmet = (path: string, { roles, workloads }: Needs): readonly Mistake[] => [
    ...roles
      .filter((role) => !e.hosts.some((host) => host.role === role))
      .map((role) => ({
        path,
        problem: `uses ${role}, but no host has that role; add hosts with role "${role}", or remove the workload`,
      })),
    ...workloads
      .filter((other) => e.workloads[other] === undefined)
      .map((other) => ({
        path,
        problem: `uses workloads.${other}, which this environment lacks; add it, or remove ${path}`,
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
        found: host,
        problem: `is outside web.zone "${e.web.zone}", so no DNS record and no certificate can be made for it; choose a host in that zone`,
      })),
    ...duplicates(
      hosts,
      ({ host }) => host,
      ({ path, host }, first) => ({
        path,
        found: host,
        problem: `is the host of ${first.path} too; give each workload its own`,
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
            found: spec.maxReplicas,
            problem: `is below ${path}.replicas (${spec.replicas}); it is the upper bound of the autoscaler`,
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
        found: spec.name,
        problem: `is the name of ${first.path} too; it names its database and bucket, give each its own`,
      }),
    ),
    ...onRedis
      .filter(({ index }) => index < FIRST_FREE_REDIS_INDEX || index > LAST_FREE_REDIS_INDEX)
      .map(({ path, index }) => ({
        path,
        found: index,
        problem: `must be ${FIRST_FREE_REDIS_INDEX}-${LAST_FREE_REDIS_INDEX}: the rest is other applications'`,
      })),
    ...duplicates(
      onRedis,
      ({ index }) => String(index),
      ({ path, index }, first) => ({
        path,
        found: index,
        problem: `is ${first.path} too; choose a free one up to ${LAST_FREE_REDIS_INDEX}`,
      }),
    ),
    ...all
      .filter(({ spec }) => spec.routes !== undefined && spec.host === undefined)
      .map(({ path }) => ({
        path: `${path}.routes`,
        problem: `lead nowhere without ${path}.host; add the host, or remove the routes`,
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
      : [{ path, found: replicas, problem: "must be 1, 3 or 5: raft needs an odd number" }]),
    ...(replicas <= workers
      ? []
      : [
          {
            path,
            found: replicas,
            problem: `each member has a general worker of its own, and there are ${workers}; lower it, or add hosts with role "k3sAgent"`,
          },
        ]),
  ];
};

const RULES: readonly Rule[] = [needs, domains, autoscaling, connectors, vault];

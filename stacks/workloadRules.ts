import { duplicates, shown, type Mistake } from "../components/mistakes";
import { foreignHost } from "../components/workloads/apps/judgePlace";
import { APP_RULES } from "./appRules";
import type { Environment, WorkloadsSpec } from "./environment";
import { ownHosts } from "./publicHosts";
import type { HostRole } from "./roles";
import { webZones } from "./webZones";

type Rule = (environment: Environment) => readonly Mistake[];
type Named = Exclude<keyof WorkloadsSpec, "apps" | "objects" | "registries">;

interface Needs {
  readonly roles: readonly HostRole[];
  readonly workloads: readonly Named[];
}

/** What each workload asks of the estate. */
const NEEDS: Readonly<Record<Named, Needs>> = {
  chatwoot: { roles: ["postgres", "redis", "minio"], workloads: [] },
  liteLlm: { roles: ["postgres", "redis"], workloads: [] },
  n8n: { roles: ["postgres", "redis"], workloads: [] },
  superset: { roles: ["postgres", "redis"], workloads: [] },
  erpNext: { roles: ["mariadb", "proxysql", "redis"], workloads: [] },
  files: { roles: ["minio"], workloads: [] },
  vault: { roles: [], workloads: [] },
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
    ...(e.workloads.chatwoot?.publicAttachments === true
      ? unmet("workloads.chatwoot.publicAttachments", { roles: [], workloads: ["files"] })
      : []),
  ];
};

/** Of the typed workloads; where hosts of `apps` may be is judged with their plan. */
const domains: Rule = (e) => {
  const zones = webZones(e).map(({ zone }) => zone);
  return [
    ...ownHosts(e.workloads).flatMap(({ path, host }) => foreignHost(path, host, zones)),
    ...duplicates(
      ownHosts(e.workloads),
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

/** A pod that waits for a worker which nobody has is Pending for ever, and the run waits with it. */
const placements: Rule = ({ hosts, workloads }) => {
  const { apps = [], liteLlm } = workloads;
  const placed = [
    { path: "workloads.liteLlm.placement", placement: liteLlm?.placement },
    ...apps.flatMap(({ processes }, i) =>
      processes.map((process, j) => ({
        path: `workloads.apps[${i}].processes[${j}].placement`,
        placement: "placement" in process ? process.placement : undefined,
      })),
    ),
  ];
  return placed.flatMap(({ path, placement }): readonly Mistake[] => {
    if (placement === undefined || "avoid" in placement) return [];
    const [key, duty] = "only" in placement ? ["only", placement.only] : ["also", placement.also];
    if (hosts.some((host) => host.role === "k3sAgent" && host.duty === duty)) return [];
    return [
      {
        path: `${path}.${key}`,
        found: `${shown(duty)}, which is no worker's duty here`,
        allowed: 'the duty of a host with role "k3sAgent"',
        fix: `give a worker the duty "${duty}", or leave the placement out`,
      },
    ];
  });
};

/** What is asked of an environment's workloads. */
export const WORKLOAD_RULES: readonly Rule[] = [needs, domains, placements, vault, ...APP_RULES];

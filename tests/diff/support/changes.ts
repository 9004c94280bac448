import type { AppSpec, Environment } from "../../../stacks/environment";
import { environment as prod } from "../../../stacks/prod";
import { workers } from "../../../stacks/workers";
import { EXAMPLE_SETTINGS } from "../../../stacks/emittedGraph";
import type { Settings } from "../../../stacks/stackConfig";

/** A change of the kind that a pull request brings. */
export interface Change {
  readonly name: string;
  readonly edit: (environment: Environment) => Environment;
  readonly settings?: Partial<Settings>;
}

type Hosts = Environment["hosts"];
type Workloads = Environment["workloads"];

const hosts =
  (edit: (hosts: Hosts) => Hosts) =>
  (environment: Environment): Environment => ({
    ...environment,
    hosts: edit(environment.hosts),
  });
const workloads =
  (edit: (workloads: Workloads) => Workloads) =>
  (environment: Environment): Environment => ({
    ...environment,
    workloads: edit(environment.workloads),
  });
const app = (name: string, edit: (app: AppSpec) => AppSpec) =>
  workloads((all) => ({ ...all, apps: (all.apps ?? []).map((one) => (one.name === name ? edit(one) : one)) }));
const webOf =
  (edit: (web: Web) => Web) =>
  (one: AppSpec): AppSpec => ({
    ...one,
    processes: one.processes.map((process) => (process.kind === "web" ? edit(process) : process)),
  });
type Web = Extract<AppSpec["processes"][number], { kind: "web" }>;

const front = (prod.workloads.apps ?? []).find(({ name }) => name === "keybuzz-front") as AppSpec;
const shop: AppSpec = {
  ...front,
  name: "shop",
  namespace: "shop",
  needs: { postgres: { database: "shop", owner: "shop" } },
  processes: front.processes.map((process) =>
    process.kind === "web"
      ? { ...process, expose: [{ host: "shop.keybuzz.io", routes: [{ kind: "http" as const, path: "/" }] }] }
      : process,
  ),
};

export const CHANGES: readonly Change[] = [
  { name: "nothing", edit: (environment) => environment },
  {
    name: "add-worker",
    edit: hosts((all) => [
      ...all.filter(({ role }) => role !== "k3sAgent"),
      ...workers(6, { subnetCidr: "10.0.0.0/16", serverType: "cpx42", duties: { 3: "ai", 5: "monitoring" } }),
    ]),
  },
  {
    name: "timeout",
    edit: workloads((all) => ({
      ...all,
      ...(all.chatwoot === undefined ? {} : { chatwoot: { ...all.chatwoot, requestTimeoutSeconds: 90 } }),
    })),
  },
  { name: "new-application", edit: workloads((all) => ({ ...all, apps: [...(all.apps ?? []), shop] })) },
  {
    name: "need-opened",
    edit: app("keybuzz-front", (one) => ({ ...one, needs: { redis: { index: 9 } } })),
  },
  {
    name: "need-dropped",
    edit: app("keybuzz-api", (one) => {
      const { vectors: _vectors, ...needs } = one.needs ?? {};
      return { ...one, needs };
    }),
  },
  {
    name: "internet-opened",
    edit: app("keybuzz-api", (one) => ({
      ...one,
      needs: { ...one.needs, internet: [{ port: 587, purpose: "mails to customers" }] },
    })),
  },
  {
    name: "larger-database",
    edit: hosts((all) => all.map((one) => (one.role === "postgres" ? { ...one, serverType: "ccx33" } : one))),
  },
  {
    name: "renamed-host",
    edit: hosts((all) => all.map((one) => (one.name === "redis-03" ? { ...one, name: "redis-04" } : one))),
  },
  { name: "rotated-secret", edit: (environment) => ({ ...environment, rotations: { "postgres/chatwoot": 1 } }) },
  {
    name: "removed-service",
    edit: workloads(({ superset: _superset, ...others }) => others),
  },
  { name: "changed-cidr", edit: (environment) => environment, settings: { operatorCidrs: ["198.51.100.0/24"] } },
  {
    name: "version",
    edit: workloads((all) => ({
      ...all,
      ...(all.n8n === undefined ? {} : { n8n: { ...all.n8n, image: all.n8n.image.replace(/:[^@]+/, ":99.1.0") } }),
    })),
  },
  {
    name: "audience",
    edit: app(
      "keybuzz-api",
      webOf((web) => ({
        ...web,
        expose: (web.expose ?? []).map((one) => ({
          ...one,
          routes: (one.routes ?? []).map((route) => ({ ...route, audience: ["198.51.100.0/24"] })),
        })),
      })),
    ),
  },
  {
    name: "accepted-risk",
    edit: (environment) => ({
      ...environment,
      accepted: [
        ...(environment.accepted ?? []),
        {
          kind: "exposure",
          from: "vault/vault",
          to: { balancer: "data" },
          reason: "Vault is to keep its audit in PostgreSQL from next month on.",
        },
      ],
    }),
  },
  {
    name: "fewer-workers",
    edit: hosts((all) => all.filter(({ name }) => name !== "k3s-worker-04")),
  },
  {
    name: "scaled",
    edit: app(
      "keybuzz-front",
      webOf((web) => ({ ...web, scale: 5 })),
    ),
  },
  {
    name: "etcd-instead-of-raft",
    edit: (environment) => ({ ...environment, postgres: { ...environment.postgres, dcs: "etcd" } }),
  },
  {
    name: "balancer-type",
    edit: (environment) => ({
      ...environment,
      mariadbLoadBalancer: {
        ...(environment.mariadbLoadBalancer as NonNullable<Environment["mariadbLoadBalancer"]>),
        type: "lb21",
      },
    }),
  },
  {
    name: "k3s-version",
    edit: (environment) => ({
      ...environment,
      kubernetes: {
        ...environment.kubernetes,
        k3sVersion: environment.kubernetes.k3sVersion.replace(
          /^v1\.(\d+)\.(\d+)/,
          (_, minor: string, patch: string) => `v1.${minor}.${Number(patch) + 1}`,
        ),
      },
    }),
  },
  { name: "unprotected", edit: (environment) => ({ ...environment, protect: false }) },
];

export const settingsOf = ({ settings = {} }: Change): Settings => ({ ...EXAMPLE_SETTINGS, ...settings });

import { shown, type Mistake } from "../components/mistakes";
import type { Environment, HostSpec } from "./environment";
import { LEAVING_LABEL } from "./leavingWorkers";
import type { ProjectFacts } from "./observeProject";
import type { HostRole } from "./roles";

/** What a cluster is made with, and no run changes under it. */
interface Choice {
  /** Of the servers at Hetzner: what they were last asked to have. */
  readonly label: string;
  readonly value: string;
  /** In the environment. */
  readonly path: string;
  /** Why it stays. */
  readonly because: string;
  /** What to do instead. */
  readonly instead: string;
}

const postgresChoices = ({ postgres }: Environment): readonly Choice[] => [
  {
    label: "postgres",
    value: String(postgres.version),
    path: "postgres.version",
    because: "the data directory is of one version, and another one would be an empty member of the same cluster",
    instead: "another version is another cluster, which the data is moved to",
  },
  {
    label: "postgres-dcs",
    value: postgres.dcs,
    path: "postgres.dcs",
    because: "members that agree in two places have two leaders or none",
    instead: "another one is another cluster, which the data is moved to",
  },
];

/** Of the roles that are made with something that stays; the others have nothing of the kind. */
const CHOICES: Readonly<Partial<Record<HostRole, (host: HostSpec, environment: Environment) => readonly Choice[]>>> = {
  postgres: (_host, environment) => postgresChoices(environment),
  minio: (_host, { hosts }) => [
    {
      label: "minio-members",
      value: String(hosts.filter(({ role }) => role === "minio").length),
      path: "hosts",
      because: "MinIO's drives are numbered when the store is made, and one with another number does not start",
      instead: "another number is another store, which the buckets are copied to",
    },
  ],
  k3sServer: (_host, { kubernetes }) => [
    {
      label: "ingress",
      value: kubernetes.ingress?.kind ?? "nginx",
      path: "kubernetes.ingress",
      because: "the one that passes requests on goes before the other has its port, and the web is away meanwhile",
      instead: "the other one is another cluster, or an outage that is agreed on",
    },
  ],
  k3sAgent: (host, { hosts }) => [
    {
      label: "duty",
      value: host.duty ?? "general",
      path: `hosts[${hosts.indexOf(host)}].duty`,
      because: "local volumes are on its disk, and pods that have them start nowhere else",
      instead: "another worker with that duty, and then this one goes",
    },
  ],
};

const choicesOf = (host: HostSpec, environment: Environment): readonly Choice[] =>
  CHOICES[host.role]?.(host, environment) ?? [];

/** Labels of a host's server: what is read back by the next run. */
export function appliedLabels(host: HostSpec, environment: Environment): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(choicesOf(host, environment).map(({ label, value }) => [label, value])),
    ...(host.leaving === true ? { [LEAVING_LABEL]: "true" } : {}),
  };
}

/**
 * Choices that the servers were made with, and that this environment has otherwise. A server without the label is of an
 * earlier version of the program: then the guards on the machines are what refuses.
 */
export function appliedChoiceMistakes(
  environment: Environment,
  { servers }: Pick<ProjectFacts, "servers">,
): readonly Mistake[] {
  const found = new Map<string, { readonly choice: Choice; readonly present: string; readonly names: string[] }>();
  for (const host of environment.hosts) {
    const labels = servers.find(({ name }) => name === host.name)?.labels ?? {};
    for (const choice of choicesOf(host, environment)) {
      const present = labels[choice.label];
      if (present === undefined || present === choice.value) continue;
      const key = `${choice.path} ${present}`;
      const known = found.get(key) ?? { choice, present, names: [] };
      found.set(key, known);
      known.names.push(host.name);
    }
  }
  return [...found.values()].map(({ choice, present, names }) => ({
    path: choice.path,
    found: `${shown(choice.value)}, while ${names.join(", ")} ${names.length === 1 ? "was" : "were"} last to have ${present}`,
    allowed: `${present}: ${choice.because}`,
    fix:
      `leave ${present}; ${choice.instead}. Where the machines are otherwise than the label says, or this is meant all the same: ` +
      names.map((name) => `hcloud server remove-label ${name} ${choice.label}`).join("; "),
  }));
}

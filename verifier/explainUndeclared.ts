import { partyLabel, type Declaration, type DeclaredFlow, type DeclaredParty } from "./declaration";
import { isNamed, named, narrowed, UnknownEndError } from "./explainEnds";
import { ANYWHERE } from "./read/range";
import type { World } from "./read/world";
import { wayOut } from "./walk/filters";
import { hostsOf } from "./walk/parties";
import { opensConnections, type Paths } from "./walk/paths";
import { blocked, passed, type Trail } from "./walk/steps";

/** Everybody that a flow may come from or go to, each once. */
export function partiesOf(world: World, { flows }: Declaration): readonly DeclaredParty[] {
  const pods = world.cluster.workloads
    .filter(({ hostNetwork, kind }) => !hostNetwork && kind !== "Job")
    .map(({ namespace, label, labels }): DeclaredParty => ({
      kind: "pods",
      namespace,
      app: label.slice(namespace.length + 1),
      labels: { "app.kubernetes.io/name": labels["app.kubernetes.io/name"] ?? label.slice(namespace.length + 1) },
    }));
  const all = [...flows.flatMap((flow) => [flow.from, flow.to.provider]), ...pods];
  return [...new Map(all.map((party) => [partyLabel(party), party])).values()];
}

/**
 * Whom a name means as the source of a flow: one, or all pods of a namespace.
 *
 * @throws UnknownEndError naming all ends that there are
 */
export function sourcesOf(parties: readonly DeclaredParty[], from: string): readonly DeclaredParty[] {
  const meant = parties.filter((party) => named(party, from)).map((party) => narrowed(party, from));
  const exact = meant.filter((party) => party.kind !== "pods" || party.app === from || partyLabel(party) === from);
  // A machine is in several groups.
  const [first] = exact;
  if (first !== undefined) return [first];
  if (meant.length === 0) throw new UnknownEndError("--from", from, labelsOf(parties));
  return meant;
}

/**
 * The flows that there would be from one end to the other, had somebody declared them.
 *
 * @throws UnknownEndError naming all ends that there are
 */
export function undeclaredFlows(
  parties: readonly DeclaredParty[],
  { flows }: Declaration,
  sources: readonly DeclaredParty[],
  to: string,
): readonly DeclaredFlow[] {
  const endpoints = [...new Map(flows.map((flow) => [flow.to.id, flow.to])).values()];
  const [name = "", port] = to.split(":");
  const known = endpoints
    .filter((endpoint) => isNamed(endpoint, to))
    .map((endpoint) => ({ ...endpoint, provider: narrowed(endpoint.provider, name) }));
  const provider = parties.find((party) => named(party, name));
  const asked =
    known.length > 0 || provider === undefined || !/^\d+$/.test(port ?? "")
      ? known
      : [{ id: to, provider: narrowed(provider, name), port: Number(port), protocol: "tcp" as const }];
  if (asked.length === 0)
    throw new UnknownEndError("--to", to, [
      ...endpoints.map((end) => `${end.id} (${partyLabel(end.provider)}:${end.port})`).sort(),
      "or anybody of these with a port, such as bastion-01:22: " + labelsOf(parties).join(", "),
    ]);
  return sources.flatMap((source) =>
    asked.map((endpoint) => ({ from: source, to: endpoint, purpose: "nobody's: not declared" })),
  );
}

/** The ways that no declared flow takes, and so the walk does not: into machines from outside, and out of them. */
export function unusualTrails(paths: Paths, { from, to }: DeclaredFlow): readonly Trail[] {
  const { provider, port, protocol } = to;
  const hosts = hostsOf(paths.world, provider);
  if (from.kind === "internet" && hosts.length > 0)
    return hosts.map((host) => paths.outsideToHost(ANYWHERE, "the internet", host, port, protocol));
  if (provider.kind === "internet")
    return hostsOf(paths.world, from).map((host) => ({
      label: `${host.name} -> the internet:${port}/${protocol}`,
      steps: [
        opensConnections(host)
          ? passed(`UFW of ${host.name}`, "DEFAULT_OUTPUT_POLICY=ACCEPT", `to ${port}/${protocol}`)
          : blocked(
              `UFW of ${host.name}`,
              "DEFAULT_OUTPUT_POLICY=ACCEPT",
              "it is not",
              "let the host open connections",
            ),
        ...wayOut(paths.world, host),
      ],
    }));
  const step = blocked("the private network", "a way there", noWay(from, provider), "go another way");
  return [{ label: `${partyLabel(from)} -> ${partyLabel(provider)}:${port}/${protocol}`, steps: [step] }];
}

function noWay(from: DeclaredParty, to: DeclaredParty): string {
  const outside = from.kind === "internet" || from.kind === "operators";
  if (to.kind === "pods")
    return outside
      ? "pods have no address outside of the cluster"
      : `pods have addresses for nodes and pods alone, and ${partyLabel(from)} is neither`;
  return "nothing leads from one to the other";
}

/** What somebody must write so that the flow is open, and stays so. */
export function remedyFor({ from, to }: DeclaredFlow): string {
  const target = `${partyLabel(to.provider)}:${to.port}`;
  if (from.kind === "pods") return `  If it must be open: ${podsRemedy(from.app, to, target)}`;
  const outside = from.kind === "internet" || from.kind === "operators";
  if (outside && to.provider.kind === "pods") {
    const audience = from.kind === "operators" ? `, routes: [{ kind: "http", path: "/", audience: "operators" }]` : "";
    return `  If it must be open: requests come in by a route: expose: [{ host: "..."${audience} }] of the process (docs/applications.md).`;
  }
  if (outside && to.provider.kind === "hosts")
    return `  If it must be open: it must not, for a machine; operators reach ${target} through the bastion: ssh -L or -J (docs/operate.md).`;
  return `  If it must be open: whoever needs ${target} asks its provider for it (components/), and every filter follows.`;
}

/** Groups of machines that applications do not go to themselves. */
const BEHIND_BALANCERS: Readonly<Record<string, string>> = {
  postgres: "postgres: {}",
  redis: "redis: { index: ... }",
  rabbitmq: "rabbitmq: {}",
  mariadb: "mariadb: {}",
};

function podsRemedy(app: string, { id, port, provider }: DeclaredFlow["to"], target: string): string {
  const behind = provider.kind === "hosts" ? BEHIND_BALANCERS[provider.group] : undefined;
  if (behind !== undefined)
    return `it must not: applications come to it by its balancer, and need it (docs/applications.md): needs: { ${behind} }.`;
  const need =
    provider.kind === "internet"
      ? `internet: [{ port: ${port}, purpose: "..." }]`
      : (NEEDS.find(([start]) => id.startsWith(start))?.[1] ??
        (provider.kind === "pods" ? `apps: [{ app: "${provider.app}", variables: { ...: "url" } }]` : undefined));
  if (need === undefined)
    return `no need of an application leads to ${target}; whoever offers it declares it (components/), and every filter follows.`;
  const among = need.startsWith("apps:") ? " Only entries of workloads.apps can be asked so." : "";
  return `${app} must need it (docs/applications.md): needs: { ${need} }.${among}`;
}

/** By the beginning of an endpoint's id. */
const NEEDS: readonly (readonly [id: string, need: string])[] = [
  ["postgres/", "postgres: {}"],
  ["proxysql/", "mariadb: {}"],
  ["redis/", "redis: { index: ... }"],
  ["rabbitmq/", "rabbitmq: {}"],
  ["minio/", "bucket: {}"],
  ["qdrant/", "vectors: {}"],
  ["ai/llm-proxy", "llm: {}"],
  ["vault/", "vault: { files: [...] }"],
];

function labelsOf(parties: readonly DeclaredParty[]): readonly string[] {
  return [...new Set(parties.map(partyLabel))].sort();
}

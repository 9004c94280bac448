import type { Declaration, DeclaredEndpoint, DeclaredFlow, DeclaredParty } from "./declaration";
import { partyLabel } from "./declaration";
import type { World } from "./read/world";

/** Names that nobody in the estate has, and what there is instead. */
export class UnknownEndError extends Error {
  constructor(which: string, value: string, known: readonly string[]) {
    super(`${which} "${value}" is no end that there is; there are:\n  ${known.join("\n  ")}`);
    this.name = "UnknownEndError";
  }
}

/** Does a name mean that party: by its label, its kind, its application, its group or one of its machines? */
export function named(party: DeclaredParty, name: string): boolean {
  const label = partyLabel(party);
  if (label === name || party.kind === name) return true;
  if (party.kind === "pods") return party.app === name;
  return party.kind === "hosts" && (party.group === name || party.hosts.includes(name));
}

/** "postgres:5432" names an endpoint by the beginning of its id, or by its provider, and its port. */
export function isNamed(to: DeclaredEndpoint, wanted: string): boolean {
  const [name = "", port] = wanted.split(":");
  if (port !== undefined && Number(port) !== to.port) return false;
  return to.id === name || to.id.split("/")[0] === name || named(to.provider, name);
}

/**
 * The flows that there would be from one end to the other, had somebody declared them.
 *
 * @throws UnknownEndError naming all ends that there are
 */
export function undeclaredFlows(
  world: World,
  { flows }: Declaration,
  from: string,
  to: string,
): readonly [DeclaredFlow, ...DeclaredFlow[]] {
  const pods = world.cluster.workloads
    .filter(({ hostNetwork, kind }) => !hostNetwork && kind !== "Job")
    .map(({ namespace, label, labels }): DeclaredParty => ({
      kind: "pods",
      namespace,
      app: label.slice(namespace.length + 1),
      labels: { "app.kubernetes.io/name": labels["app.kubernetes.io/name"] ?? label.slice(namespace.length + 1) },
    }));
  const parties = [...flows.flatMap((flow) => [flow.from, flow.to.provider]), ...pods];
  const source = parties.find((party) => named(party, from));
  if (source === undefined) throw new UnknownEndError("--from", from, labelsOf(parties));
  const endpoints = [...new Map(flows.map((flow) => [flow.to.id, flow.to])).values()];
  const known = endpoints.filter((endpoint) => isNamed(endpoint, to));
  const [name = "", port] = to.split(":");
  const provider = parties.find((party) => named(party, name));
  const asked =
    known.length > 0 || provider === undefined || !/^\d+$/.test(port ?? "")
      ? known
      : [{ id: to, provider, port: Number(port), protocol: "tcp" as const }];
  const [first, ...others] = asked.map((endpoint) => ({
    from: source,
    to: endpoint,
    purpose: "nobody's: not declared",
  }));
  if (first === undefined)
    throw new UnknownEndError("--to", to, [
      ...endpoints.map((end) => `${end.id} (${partyLabel(end.provider)}:${end.port})`).sort(),
      "or anybody of these with a port, such as bastion-01:22: " + labelsOf(parties).join(", "),
    ]);
  return [first, ...others];
}

/** What somebody must write so that the flow is open, and stays so. */
export function remedyFor({ from, to }: DeclaredFlow): string {
  const target = partyLabel(to.provider);
  if (from.kind !== "pods")
    return `  If it must be open: whoever needs ${target}:${to.port} asks its provider for it (components/), and every filter follows.`;
  const need =
    to.provider.kind === "internet"
      ? `internet: [{ port: ${to.port}, purpose: "..." }]`
      : NEEDS.find(([id]) => to.id.startsWith(id))?.[1];
  return `  If it must be open: ${from.app} must need it (docs/applications.md)${need === undefined ? "" : `: needs: { ${need} }`}.`;
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
];

function labelsOf(parties: readonly DeclaredParty[]): readonly string[] {
  return [...new Set(parties.map(partyLabel))].sort();
}

import { readBalancers, type Balancer } from "./balancers";
import { readCluster, type Cluster } from "./cluster";
import type { Finding } from "../finding";
import { GraphIndex, text, type EmittedGraph } from "./graph";
import { readHosts, type Host } from "./hosts";
import { isUnderstood } from "./knownTypes";
import { readNodePlace, type NodePlace } from "./nodePlaces";
import { addressNumber, parseRange, type Range } from "./range";

/** The estate as packets find it, built from the emitted resources alone. */
export interface World {
  readonly hosts: ReadonlyMap<string, Host>;
  readonly balancers: ReadonlyMap<string, Balancer>;
  /** Machines and balancers by their private address. */
  readonly byAddress: ReadonlyMap<number, Host | Balancer>;
  readonly nodes: readonly Host[];
  /** The same, as the scheduler finds them. */
  readonly places: readonly NodePlace[];
  readonly cluster: Cluster;
  readonly network: Range | undefined;
  /** Where the private network's default route leads. */
  readonly gateway: Host | undefined;
  /** What could not be understood. */
  readonly gaps: readonly Finding[];
}

export function buildWorld(graph: EmittedGraph): World {
  const index = new GraphIndex(graph);
  const gaps: Finding[] = [];
  const gap = (subject: string, value: string, remedy: string): void => {
    gaps.push({ question: "understood", subject, at: subject, rule: "not understood", value, remedy });
  };
  for (const { type, name } of graph.resources) {
    if (isUnderstood(type)) continue;
    const unread = `${type} ${name}`;
    gaps.push({
      question: "understood",
      subject: unread,
      at: unread,
      rule: "not understood",
      value: "a type that the verifier does not know, and that may open or close a path",
      remedy:
        "teach verifier/ what it does, list it in knownTypes.ts if no packet meets it, or accept this one by name with a reason (environment.accepted, kind unread)",
      unread,
    });
  }
  const hosts = readHosts(index, gap);
  const balancers = readBalancers(index, hosts, gap);
  const problems: string[] = [];
  const cluster = readCluster(index, problems);
  for (const problem of problems) gap("Kubernetes objects", problem, "write it in a form that the verifier reads");
  const route = index
    .ofType("hcloud:index/networkRoute:NetworkRoute")
    .find(({ inputs }) => text(inputs["destination"]) === "0.0.0.0/0");
  const byAddress = new Map<number, Host | Balancer>();
  for (const one of [...hosts.values(), ...balancers.values()]) {
    const other = byAddress.get(one.address);
    if (other !== undefined)
      gap(`${one.name} and ${other.name}`, `both have ${one.addressText}`, "give one another address");
    byAddress.set(one.address, one);
  }
  const gateway = byAddress.get(addressNumber(text(route?.inputs["gateway"]) ?? "") ?? -1);
  const network = index.ofType("hcloud:index/network:Network")[0];
  const nodes = [...hosts.values()].filter(({ isNode }) => isNode);
  return {
    hosts,
    balancers,
    byAddress,
    nodes,
    places: nodes.map(readNodePlace),
    cluster,
    network: parseRange(text(network?.inputs["ipRange"]) ?? ""),
    gateway: gateway?.kind === "host" ? gateway : undefined,
    gaps,
  };
}

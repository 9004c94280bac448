import type { Declaration, DeclaredFlow, DeclaredParty } from "../declaration";
import { podsOf, portBehindService } from "../walk/parties";
import type { Paths } from "../walk/paths";
import type { PodSubject } from "../read/policies";
import { contains, parseRange, type Range } from "../read/range";
import type { Protocol } from "../walk/steps";
import type { Balancer } from "../read/balancers";
import type { Host } from "../read/hosts";
import type { Workload } from "../read/workload";

/**
 * What is declared, asked from the side of what is open: is this source's way to that port anybody's flow? Ports are
 * those that a machine's own filter sees, after NodePorts are translated.
 */
export class Coverage {
  readonly #byHost = new Map<string, DeclaredFlow[]>();
  readonly #byBalancer = new Map<string, DeclaredFlow[]>();
  readonly #byWorkload = new Map<Workload, DeclaredFlow[]>();
  readonly #toInternet: readonly DeclaredFlow[];
  readonly #hostSets = new Map<DeclaredParty, ReadonlySet<string>>();
  readonly #podSets = new Map<DeclaredParty, ReadonlySet<PodSubject>>();

  constructor(
    readonly paths: Paths,
    declaration: Declaration,
  ) {
    const { world } = paths;
    this.#toInternet = declaration.flows.filter(({ to }) => to.provider.kind === "internet");
    for (const flow of declaration.flows) {
      const { provider, port, protocol } = flow.to;
      if (provider.kind === "hosts") {
        for (const name of provider.hosts) {
          const host = world.hosts.get(name);
          if (host !== undefined)
            add(this.#byHost, `${name} ${protocol} ${paths.ports.translate(host, port, protocol)}`, flow);
        }
      }
      if (provider.kind === "loadBalancer") add(this.#byBalancer, `${provider.name} ${port}`, flow);
      for (const workload of podsOf(world, provider)) add(this.#byWorkload, workload, flow);
    }
    shareEqual(this.#byHost, declaration.flows);
  }

  /** Machines to which the same flows lead have one list, not equal ones: what is found out for one holds for all. */
  toHost(to: Host, port: number, protocol: Protocol): readonly DeclaredFlow[] {
    return this.#byHost.get(`${to.name} ${protocol} ${port}`) ?? NO_FLOWS;
  }

  toBalancer(to: Balancer, port: number): readonly DeclaredFlow[] {
    return this.#byBalancer.get(`${to.name} ${port}`) ?? [];
  }

  toPod(to: Workload, port: number, protocol: string): readonly DeclaredFlow[] {
    return (this.#byWorkload.get(to) ?? []).filter(
      (flow) => flow.to.protocol === protocol && portBehindService(this.paths.world, to, flow.to.port) === port,
    );
  }

  toInternet(from: PodSubject, port: number, protocol: string): boolean {
    const flows = this.#toInternet.filter(({ to }) => to.port === port && to.protocol === protocol);
    return this.fromPod(flows, from);
  }

  /** A machine or balancer is the declared source of one of the flows. */
  fromMachine(flows: readonly DeclaredFlow[], from: Host | Balancer): boolean {
    return flows.some(
      ({ from: party }) =>
        party.kind === "internet" ||
        (from.kind === "balancer" && party.kind === "loadBalancer" && party.name === from.name) ||
        (from.kind === "host" && this.#hosts(party).has(from.name)),
    );
  }

  /** A node's address is that of its pods as well, outside of the cluster: no filter can tell them apart. */
  fromPodsBehind(flows: readonly DeclaredFlow[], from: Host | Balancer): boolean {
    return (
      from.kind === "host" &&
      from.isNode &&
      flows.some(({ from: party }) => party.kind === "pods" || party.kind === "anyPod")
    );
  }

  fromPod(flows: readonly DeclaredFlow[], from: PodSubject): boolean {
    return flows.some(
      ({ from: party }) => party.kind === "internet" || party.kind === "anyPod" || this.#pods(party).has(from),
    );
  }

  fromOutside(flows: readonly DeclaredFlow[], from: Range): boolean {
    return flows.some(
      ({ from: party }) =>
        party.kind === "internet" ||
        (party.kind === "operators" &&
          party.cidrs.some((cidr) => {
            const range = parseRange(cidr);
            return range !== undefined && contains(range, from);
          })),
    );
  }

  #hosts(party: DeclaredParty): ReadonlySet<string> {
    let known = this.#hostSets.get(party);
    if (known === undefined) this.#hostSets.set(party, (known = new Set(party.kind === "hosts" ? party.hosts : [])));
    return known;
  }

  #pods(party: DeclaredParty): ReadonlySet<PodSubject> {
    let known = this.#podSets.get(party);
    if (known === undefined) this.#podSets.set(party, (known = new Set(podsOf(this.paths.world, party))));
    return known;
  }
}

const NO_FLOWS: readonly DeclaredFlow[] = [];

/** Puts one list in the place of equal ones. */
function shareEqual(lists: Map<string, DeclaredFlow[]>, flows: readonly DeclaredFlow[]): void {
  const places = new Map(flows.map((flow, place) => [flow, place]));
  const shared = new Map<string, DeclaredFlow[]>();
  for (const [key, list] of lists) {
    const content = list.map((flow) => places.get(flow)).join();
    const known = shared.get(content);
    if (known === undefined) shared.set(content, list);
    else lists.set(key, known);
  }
}

function add<K>(map: Map<K, DeclaredFlow[]>, key: K, flow: DeclaredFlow): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [flow]);
  else known.push(flow);
}

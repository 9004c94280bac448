import { firstAtLeast } from "../read/addressSet";
import type { Balancer } from "../read/balancers";
import type { Coverage } from "./coverage";
import type { DeclaredFlow } from "../declaration";
import type { Range } from "../read/range";
import type { Host } from "../read/hosts";
import type { World } from "../read/world";

/** Machines and balancers with an address in some range. */
interface LetIn {
  readonly count: number;
  /** Those from which none of the flows leads. */
  readonly undeclared: readonly (Host | Balancer)[];
}

/** Whom a rule lets in. Many machines have the same rules for the same flows: each is looked up once. */
export class Sources {
  readonly #sorted: readonly (Host | Balancer)[];
  readonly #known = new WeakMap<readonly DeclaredFlow[], Map<string, LetIn>>();

  constructor(
    world: World,
    readonly coverage: Coverage,
  ) {
    this.#sorted = [...world.byAddress.values()].sort((a, b) => a.address - b.address);
  }

  /** @param flows one list for all machines to which the same flows lead */
  within(range: Range, flows: readonly DeclaredFlow[]): LetIn {
    const ofFlows = this.#known.get(flows) ?? new Map<string, LetIn>();
    this.#known.set(flows, ofFlows);
    const key = `${range.first}-${range.last}`;
    let known = ofFlows.get(key);
    if (known === undefined) ofFlows.set(key, (known = this.#look(range, flows)));
    return known;
  }

  #look({ first, last }: Range, flows: readonly DeclaredFlow[]): LetIn {
    const from = firstAtLeast(this.#sorted, first, ({ address }) => address);
    const machines = this.#sorted.slice(
      from,
      firstAtLeast(this.#sorted, last + 1, ({ address }) => address),
    );
    const undeclared = machines.filter(
      (one) => !this.coverage.fromMachine(flows, one) && !this.coverage.fromPodsBehind(flows, one),
    );
    return { count: machines.length, undeclared };
  }
}

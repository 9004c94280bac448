import type { EmittedGraph } from "../read/graph";
import { subjectOf, type Movement } from "./movement";

const COMMAND = "command:remote:Command";
/** Commands that end only when their cluster is whole, by name: "postgres-formed", "redis-turn-redis-02". */
const WAITS_UNTIL_WHOLE = /-(turn|formed|whole)(-|$)/;

/**
 * When what happens in a run: creations and updates as soon as what they depend on is done, side by side where nothing
 * orders them; deletions at the end, of what depends first (docs/reference/pulumi.md). Nothing is enumerated: it
 * answers what may be under way at once.
 */
export class Order {
  readonly #forward: Reach;
  readonly #backward: Reach;
  /** Those that run: one to which nothing happens asks nobody. */
  readonly #gates: readonly string[];

  constructor(movements: readonly Movement[], { before, after }: { before: EmittedGraph; after: EmittedGraph }) {
    const interesting = movements.map((one) => subjectOf(one).urn);
    this.#forward = new Reach(after, interesting);
    this.#backward = new Reach(before, interesting);
    this.#gates = movements
      .filter(({ operation }) => operation !== "delete")
      .map(subjectOf)
      .filter(({ type, name }) => type === COMMAND && WAITS_UNTIL_WHOLE.test(name))
      .map(({ urn }) => urn);
  }

  /** Is the first always done before the second begins? */
  precedes(first: Movement, second: Movement): boolean {
    if (first === second) return false;
    const [a, b] = [first, second].map((one) => subjectOf(one).urn) as [string, string];
    const [ends, alsoEnds] = [first, second].map(({ operation }) => operation === "delete");
    if (ends === true) return alsoEnds === true && this.#backward.waits(a, b);
    return alsoEnds === true || this.#forward.waits(b, a);
  }

  /** The same, and between them somebody waits until the cluster is whole again. */
  precedesHealthy(first: Movement, second: Movement): boolean {
    if (!this.precedes(first, second) || first.operation === "delete") return false;
    const [a, b] = [first, second].map((one) => subjectOf(one).urn) as [string, string];
    return this.#gates.some(
      (gate) =>
        gate !== b && this.#forward.waits(gate, a) && (second.operation === "delete" || this.#forward.waits(b, gate)),
    );
  }
}

/** Which of some resources each resource waits for, directly or not: one bit for each of them. */
class Reach {
  readonly #bits = new Map<string, number>();
  readonly #masks = new Map<string, Uint32Array>();

  constructor(graph: EmittedGraph, interesting: readonly string[]) {
    for (const urn of interesting) if (!this.#bits.has(urn)) this.#bits.set(urn, this.#bits.size);
    const words = Math.ceil(this.#bits.size / 32);
    const waits = new Map(graph.resources.map(({ urn = "", dependencies = [] }) => [urn, dependencies]));
    for (const root of waits.keys()) this.#fill(root, waits, words);
  }

  /** Does `urn` wait for `other`? */
  waits(urn: string, other: string): boolean {
    const bit = this.#bits.get(other);
    const mask = this.#masks.get(urn);
    return bit !== undefined && mask !== undefined && ((mask[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }

  /** Depth first, without recursion: a chain is as long as there are machines. */
  #fill(root: string, waits: ReadonlyMap<string, readonly string[]>, words: number): void {
    const stack = [root];
    const open = new Set<string>();
    for (let urn = stack.at(-1); urn !== undefined; urn = stack.at(-1)) {
      const missing = open.has(urn) || this.#masks.has(urn) ? [] : (waits.get(urn) ?? []);
      open.add(urn);
      const next = missing.filter((one) => !this.#masks.has(one) && !open.has(one) && waits.has(one));
      if (next.length > 0) {
        stack.push(...next);
        continue;
      }
      stack.pop();
      if (this.#masks.has(urn)) continue;
      const mask = new Uint32Array(words);
      for (const one of waits.get(urn) ?? []) {
        const bit = this.#bits.get(one);
        if (bit !== undefined) mask[bit >>> 5] = (mask[bit >>> 5] ?? 0) | (1 << (bit & 31));
        this.#masks.get(one)?.forEach((word, index) => (mask[index] = (mask[index] ?? 0) | word));
      }
      this.#masks.set(urn, mask);
    }
  }
}

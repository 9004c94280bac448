import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deleteEntries, leftovers } from "@standin/pulumi-engine/deletions";
import { inputChanges } from "@standin/pulumi-engine/diff";
import type { Goal } from "@standin/pulumi-engine/goal";
import { PartialFailure, type Properties, type Provider } from "@standin/pulumi-engine/provider";
import { ProviderRegistry } from "@standin/pulumi-engine/providerRegistry";
import { recover } from "@standin/pulumi-engine/recovery";
import { register, type Registered } from "@standin/pulumi-engine/register";
import { Run } from "@standin/pulumi-engine/run";
import { SecretMasker } from "@standin/pulumi-engine/secrets";
import { State } from "@standin/pulumi-engine/state";
import { toPlainMap } from "@standin/pulumi-engine/values";
import * as fc from "fast-check";

/** ENGINE_RUNS=2000 jest tests/packages/pulumi-engine/generated.test.ts is the long way. */
const RUNS = Number(process.env["ENGINE_RUNS"] ?? 8);
jest.setTimeout(60_000 + RUNS * 2_000);

/** One resource of a generated program; it is called after its place. */
interface Node {
  readonly present: boolean;
  readonly value: number;
  /** A change replaces it. */
  readonly fixed: number;
  /** It is deleted before it is replaced. */
  readonly exclusive: boolean;
  /** It is replaced with what it needs. */
  readonly bound: boolean;
  /** Places of earlier ones. */
  readonly needs: readonly number[];
}
type Program = readonly Node[];

/** What goes wrong at the n-th change that a run asks of the cloud. */
interface Fault {
  readonly at: number;
  readonly kind: "fail" | "partial" | "kill";
  /** It had reached the cloud. */
  readonly reached: boolean;
}

const node = fc.record({
  present: fc.boolean(),
  value: fc.nat(2),
  fixed: fc.nat(1),
  exclusive: fc.boolean(),
  bound: fc.boolean(),
  needs: fc.uniqueArray(fc.nat(6), { maxLength: 3 }),
});
const program = fc.array(node, { minLength: 1, maxLength: 7 });
const fault: fc.Arbitrary<Fault> = fc.record({
  at: fc.nat(9),
  kind: fc.constantFrom("fail", "partial", "kill"),
  reached: fc.boolean(),
});

class World {
  readonly folder = mkdtempSync(join(tmpdir(), "generated-"));
  readonly file = join(this.folder, "state");
  readonly things = new Map<string, { readonly urn: string; readonly inputs: Properties }>();
  private made = 0;
  changes: string[] = [];
  private fault: Fault | undefined;
  /** The file at the moment of the kill. From then on the run's calls reach nothing. */
  private killed: string | undefined;

  private async change<T>(what: string, id: string, work: () => T, outputs?: (value: T) => Properties): Promise<T> {
    await new Promise(setImmediate);
    if (this.killed !== undefined) throw new Error("killed");
    const fault = this.changes.push(what) - 1 === this.fault?.at ? this.fault : undefined;
    // After a plain error of a create there is nothing: what there is then, is in no state (provider.ts).
    const reached =
      fault === undefined || fault.kind === "partial" || (fault.reached && (fault.kind === "kill" || id !== ""));
    const value = reached ? work() : undefined;
    if (fault?.kind === "kill") this.killed = readFileSync(this.file, "utf8");
    if (fault?.kind === "partial" && outputs !== undefined)
      throw new PartialFailure("half", id === "" ? String(value) : id, outputs(value as T));
    if (fault !== undefined) throw new Error(fault.kind);
    return value as T;
  }

  private provider(): Provider {
    return {
      name: "fake",
      secretOutputs: () => [],
      check: async (_ctx, inputs) => ({ inputs, failures: [] }),
      diff: async (_ctx, old, news) => ({
        changes: inputChanges(old.inputs, news, (path) => path.startsWith("fixed")),
        deleteBeforeReplace: news["exclusive"] === true,
      }),
      create: async ({ urn }, inputs) => {
        const make = (): string => {
          const same = [...this.things.values()].some((one) => one.urn === urn && one.inputs["exclusive"] === true);
          if (same && inputs["exclusive"] === true) throw new Error(`${urn} is there already`);
          const id = `id-${this.made++}`;
          this.things.set(id, { urn, inputs });
          return id;
        };
        const id = await this.change(`create ${urn}`, "", make, () => inputs);
        return { id, outputs: inputs };
      },
      update: async ({ urn }, { id }, inputs) => {
        const set = (): void => {
          if (!this.things.has(id)) throw new Error(`${id} is not there`);
          this.things.set(id, { urn, inputs });
        };
        await this.change(`update ${urn}`, id, set, () => inputs);
        return inputs;
      },
      delete: async ({ urn }, { id }) => {
        for (const [other, { inputs }] of this.things)
          if (JSON.stringify(inputs).includes(`"${id}"`)) throw new Error(`${id} is needed by ${other}`);
        await this.change(`delete ${urn}`, id, () => this.things.delete(id));
      },
      read: async (_ctx, id) => {
        const found = this.things.get(id);
        return found === undefined ? undefined : { id, inputs: found.inputs, outputs: found.inputs };
      },
      recover: async ({ urn }, inputs) => {
        for (const [id, one] of this.things)
          if (one.urn === urn && JSON.stringify(one.inputs) === JSON.stringify(inputs)) return { id, outputs: inputs };
        return undefined;
      },
      invoke: async () => ({}),
      close: async () => undefined,
    };
  }

  /** One up, as session.ts does it, with the program in the same process. */
  async up(nodes: Program, fault?: Fault): Promise<readonly string[]> {
    this.fault = fault;
    this.changes = [];
    const state = await State.open({ file: this.file, project: "p", stack: "s", passphrase: "x", readOnly: false });
    const factories = { fake: async () => this.provider() };
    const providers = new ProviderRegistry({
      project: "p",
      stack: "s",
      factories,
      config: {},
      secretConfigKeys: [],
      state,
    });
    const run = new Run({
      ...{ project: "p", stack: "s", preview: false, parallel: 4, targets: undefined, continueOnError: false },
      ...{ state, providers, masker: new SecretMasker(), onEvent: () => undefined },
    });
    try {
      await recover(run);
      const answers = new Map<number, Promise<Registered | undefined>>();
      for (const [place, one] of nodes.entries())
        if (one.present) answers.set(place, this.declare(run, place, one, answers));
      await Promise.all(answers.values());
      if (!run.failed) await deleteEntries(run, leftovers(run), { removeProtected: false });
    } catch (error) {
      run.diagnose("error", String(error));
    }
    await providers.close();
    await state.close();
    if (this.killed !== undefined) writeFileSync(this.file, this.killed);
    this.killed = undefined;
    return run.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  }

  private async declare(
    run: Run,
    place: number,
    one: Node,
    answers: ReadonlyMap<number, Promise<Registered | undefined>>,
  ): Promise<Registered | undefined> {
    const needs = await Promise.all(one.needs.flatMap((n) => (n < place ? (answers.get(n) ?? []) : [])));
    const made = needs.filter((need) => need?.result === "success") as Registered[];
    if (made.length < needs.length) return undefined;
    const ids = made.map(({ id }) => id);
    const urns = made.map(({ urn }) => urn);
    const goal: Goal = {
      ...{ type: "fake:index:Thing", name: `n${place}`, custom: true, parent: "", provider: "", dependencies: urns },
      inputs: { value: one.value, fixed: one.bound ? [one.fixed, ...ids] : one.fixed, exclusive: one.exclusive, ids },
      propertyDependencies: { ids: urns, ...(one.bound ? { fixed: urns } : {}) },
      ...{ protect: undefined, retainOnDelete: undefined, deletedWith: "", deleteBeforeReplace: undefined },
      ...{ ignoreChanges: [], replaceOnChanges: [], replaceWith: [], replacementTrigger: undefined },
      ...{ additionalSecretOutputs: [], aliases: [], importId: "", timeouts: {} },
      hooks: {},
    };
    return register(run, goal);
  }

  async state(): Promise<unknown[]> {
    const state = await State.open({ file: this.file, project: "p", stack: "s", passphrase: "x", readOnly: true });
    const entries = state.entries().filter(({ type }) => type === "fake:index:Thing");
    return entries.map(({ id, urn, inputs }) => ({ id, urn, inputs: toPlainMap(inputs) })).sort(byId);
  }

  cloud(): unknown[] {
    return [...this.things].map(([id, one]) => ({ id, ...one })).sort(byId);
  }
}
const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

test("whatever the programs and wherever a run ends: the next completes, one more changes nothing, state is cloud", async () => {
  let faults = 0;
  await fc.assert(
    fc.asyncProperty(program, program, fault, fault, async (first, second, early, late) => {
      const world = new World();
      try {
        for (const [nodes, wrong] of [
          [first, early],
          [second, late],
        ] as const) {
          if ((await world.up(nodes, wrong)).length > 0) faults++;
          expect(await world.up(nodes)).toEqual([]);
          expect(await world.state()).toEqual(world.cloud());
          expect(await world.up(nodes)).toEqual([]);
          expect(world.changes).toEqual([]);
          expect(world.things.size).toBe(nodes.filter(({ present }) => present).length);
        }
      } finally {
        rmSync(world.folder, { recursive: true, force: true });
      }
    }),
    // The short way is the same each time; what it fails for is then no chance.
    { numRuns: RUNS, endOnFailure: true, ...(process.env["ENGINE_RUNS"] === undefined ? { seed: 1 } : {}) },
  );
  // Otherwise nothing was shown.
  expect(faults).toBeGreaterThan(RUNS / 10);
});

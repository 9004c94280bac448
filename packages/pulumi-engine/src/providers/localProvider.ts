import { checkTable } from "../bridge/check";
import { plannedChanges } from "../bridge/diff";
import { finalOutputs, plannedOutputs } from "../bridge/outputs";
import { hasUnknown, tableOf, type Rules, type Table } from "../bridge/property";
import type { ProviderTable } from "../bridge/table";
import type { CheckFailure, Properties, Provider, ProviderFactory, ResourceContext, ResourceState } from "../provider";

/** A resource type that is computed here, once, and lives in the state only (random values, keys, certificates). */
export interface LocalType {
  readonly rules?: Rules;
  /** Rules between properties; asked once all of them are known and well-formed. */
  readonly validate?: (inputs: Properties) => CheckFailure[];
  /** Inputs whose change keeps the resource; any other change replaces it. Default: none. */
  readonly updatable?: readonly string[];
  /** @returns the outputs beside the inputs and their defaults */
  create(inputs: Properties, now: Date): Promise<{ readonly id: string; readonly outputs: Properties }>;
  /** What time does to it: it is replaced once it is due, without any other change. Default: nothing. */
  readonly renewal?: {
    /** The output that says so after a refresh, and for whose sake it is replaced. */
    readonly output: string;
    isDue(outputs: Properties, inputs: Properties, now: Date): boolean;
  };
  /** Import by id; default: such resources cannot be imported. */
  import?(id: string): ResourceState;
}

const KIT = "framework";

/** None of these can be changed, but for what is named. */
function fixedTable(published: ProviderTable, token: string, { rules = {}, updatable = [] }: LocalType): Table {
  const table = published.resources[token];
  if (table === undefined) throw new Error(`the table of ${published.package} ${published.version} has no ${token}`);
  return Object.fromEntries(
    Object.entries(tableOf(table, rules)).map(([key, one]) => [key, { ...one, replace: !updatable.includes(key) }]),
  );
}

class LocalProvider implements Provider {
  readonly name: string;
  private readonly types: ReadonlyMap<string, LocalType & { readonly table: Table }>;

  constructor(
    published: ProviderTable,
    types: { readonly [token: string]: LocalType },
    private readonly now: () => Date,
  ) {
    this.name = published.package;
    this.types = new Map(
      Object.entries(types).map(([token, type]) => [token, { ...type, table: fixedTable(published, token, type) }]),
    );
  }

  private type(token: string): LocalType & { readonly table: Table } {
    const found = this.types.get(token);
    if (found === undefined)
      throw new Error(
        `the embedded engine's ${this.name} provider has no ${token}; it has ${[...this.types.keys()].join(", ")}.`,
      );
    return found;
  }

  secretOutputs(type: string): readonly string[] {
    return Object.entries(this.type(type).table).flatMap(([name, { secret }]) => (secret ? [name] : []));
  }

  async check(ctx: ResourceContext, news: Properties): ReturnType<Provider["check"]> {
    const { table, validate } = this.type(ctx.type);
    const { value, failures } = checkTable(news, table);
    const canBeJudged = failures.length === 0 && !hasUnknown(value);
    return { inputs: value, failures: canBeJudged ? (validate?.(value) ?? []) : failures };
  }

  async diff(ctx: ResourceContext, old: ResourceState, news: Properties): ReturnType<Provider["diff"]> {
    const { table, renewal } = this.type(ctx.type);
    const changes = plannedChanges(KIT, table, old.outputs, news);
    // What is planned anew for another reason has no end yet.
    if (changes.some(({ replace }) => replace) || renewal?.isDue(old.outputs, news, this.now()) !== true)
      return { changes };
    return { changes: [...changes, { path: renewal.output, kind: "update", replace: true }] };
  }

  async create(ctx: ResourceContext, inputs: Properties): ReturnType<Provider["create"]> {
    const type = this.type(ctx.type);
    const { table } = type;
    const planned = plannedOutputs(KIT, table, inputs, undefined);
    if (ctx.preview) return { id: "", outputs: planned };
    const { id, outputs } = await type.create(inputs, this.now());
    return { id, outputs: finalOutputs(KIT, table, planned, outputs) };
  }

  async update(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<Properties> {
    const { table } = this.type(ctx.type);
    const planned = plannedOutputs(KIT, table, news, old.outputs);
    return ctx.preview ? planned : finalOutputs(KIT, table, planned, {});
  }

  async delete(): Promise<void> {
    // It exists in the state only.
  }

  async read(ctx: ResourceContext, id: string, last: ResourceState | undefined): ReturnType<Provider["read"]> {
    const type = this.type(ctx.type);
    if (last !== undefined) {
      const { renewal } = type;
      if (renewal?.isDue(last.outputs, last.inputs, this.now()) !== true) return last;
      return { ...last, outputs: { ...last.outputs, [renewal.output]: true } };
    }
    if (type.import === undefined) throw new Error(`${ctx.type} cannot be imported: it cannot be found by an id`);
    return type.import(id);
  }

  async recover(): ReturnType<Provider["recover"]> {
    // A creation that was cut off left nothing anywhere.
    return undefined;
  }

  async invoke(token: string): Promise<Properties> {
    throw new Error(`the embedded engine's ${this.name} provider has no functions, ${token} is not available`);
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

/**
 * Makes the factory of a package whose types are all computed locally.
 *
 * @param now the clock by which they are made and grow old. Default: the machine's.
 */
export function localProvider(
  published: ProviderTable,
  types: { readonly [token: string]: LocalType },
  now: () => Date = () => new Date(),
): ProviderFactory {
  return async () => new LocalProvider(published, types, now);
}

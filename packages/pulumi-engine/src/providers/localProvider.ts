import type { z } from "zod";
import { UNKNOWN } from "../provider";
import type { Properties, Provider, ProviderFactory, ResourceState, Value } from "../provider";

/** A resource type that is computed here, once, and lives in the state only (random values, keys, certificates). */
export interface LocalType {
  /** What its inputs must look like; every mistake is reported. */
  readonly inputs: z.ZodObject;
  /** Every output that is not an input: unknown in a preview. */
  readonly computed: readonly string[];
  readonly secretOutputs: readonly string[];
  /** Inputs whose change keeps the resource; any other change replaces it. */
  readonly updatable: readonly string[];
  create(inputs: Properties): Promise<{ readonly id: string; readonly outputs: Properties }>;
  /** Import by id; default: such resources cannot be imported. */
  import?(id: string): ResourceState;
}

/** Functions of the package (getFoo), by token. */
export type LocalFunctions = { readonly [token: string]: (args: Properties) => Promise<Properties> };

function isUnknown(value: Value | undefined): boolean {
  if (value === UNKNOWN) return true;
  return typeof value === "object" && value !== null && Object.values(value).some((v: Value) => isUnknown(v));
}

class LocalProvider implements Provider {
  constructor(
    readonly name: string,
    private readonly types: { readonly [type: string]: LocalType },
    private readonly functions: LocalFunctions,
  ) {}

  private type(type: string): LocalType {
    const found = Object.hasOwn(this.types, type) ? this.types[type] : undefined;
    if (found === undefined)
      throw new Error(
        `the embedded engine's ${this.name} provider has no ${type}; it has ${Object.keys(this.types).join(", ")}.`,
      );
    return found;
  }

  secretOutputs(type: string): readonly string[] {
    return this.type(type).secretOutputs;
  }

  async check(ctx: { readonly type: string }, news: Properties): ReturnType<Provider["check"]> {
    const result = this.type(ctx.type).inputs.safeParse(news);
    const issues = result.success ? [] : result.error.issues;
    // What is not known yet is judged when it is.
    const failures = issues
      .filter((i) => !isUnknown(news[String(i.path[0])]))
      .map((i) => ({ property: i.path.join("."), reason: i.message }));
    return { inputs: news, failures };
  }

  async diff(
    ctx: { readonly type: string },
    _old: ResourceState,
    _news: Properties,
    changedPaths: readonly string[],
  ): ReturnType<Provider["diff"]> {
    const { updatable } = this.type(ctx.type);
    return { replaceKeys: changedPaths.filter((path) => !updatable.includes(path.split(/[.[]/)[0] ?? "")) };
  }

  async create(
    ctx: { readonly type: string; readonly preview: boolean },
    inputs: Properties,
  ): ReturnType<Provider["create"]> {
    const type = this.type(ctx.type);
    if (!ctx.preview) return type.create(inputs);
    return { id: "", outputs: { ...inputs, ...Object.fromEntries(type.computed.map((name) => [name, UNKNOWN])) } };
  }

  async update(_ctx: unknown, old: ResourceState, news: Properties): Promise<Properties> {
    return { ...old.outputs, ...news };
  }

  async delete(): Promise<void> {
    // It exists in the state only.
  }

  async read(
    ctx: { readonly type: string },
    id: string,
    last: ResourceState | undefined,
  ): ReturnType<Provider["read"]> {
    if (last !== undefined) return last;
    const type = this.type(ctx.type);
    if (type.import === undefined) throw new Error(`${ctx.type} cannot be imported: it cannot be found by an id`);
    return type.import(id);
  }

  async recover(): ReturnType<Provider["recover"]> {
    // A creation that was cut off left nothing anywhere.
    return undefined;
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    const work = Object.hasOwn(this.functions, token) ? this.functions[token] : undefined;
    if (work === undefined) throw new Error(`the embedded engine's ${this.name} provider has no function ${token}`);
    return work(args);
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

/** Makes the factory of a package whose types are all computed locally. */
export function localProvider(
  name: string,
  types: { readonly [type: string]: LocalType },
  functions: LocalFunctions = {},
): ProviderFactory {
  return async () => new LocalProvider(name, types, functions);
}

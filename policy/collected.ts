import { DECLARING_TYPE } from "../verifier/declaration";
import type { EmittedGraph, EmittedResource } from "../verifier/read/graph";

/** What the CLI says of one resource before it is touched: its inputs. */
export interface AnalyzedResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** What it says of the same resource at the end: who it depends on, and its outputs. */
export interface StackResource extends AnalyzedResource {
  readonly dependencies: readonly { readonly urn: string }[];
  readonly propertyDependencies: Readonly<Record<string, readonly { readonly urn: string }[]>>;
}

/**
 * Resources of one run. A stack policy is shown outputs, of which only some components have any; so inputs are kept as they
 * pass by one after the other, and put together with the dependencies in the end.
 */
export class Collected {
  readonly #inputs = new Map<string, EmittedResource["inputs"]>();

  add({ urn, props }: AnalyzedResource): void {
    this.#inputs.set(urn, plain(props) as EmittedResource["inputs"]);
  }

  /** A component's outputs are what the program itself says: they count as well. */
  #inputsOf(type: string, urn: string, props: StackResource["props"]): EmittedResource["inputs"] {
    const inputs = this.#inputs.get(urn);
    const outputs = plain(props) as EmittedResource["inputs"];
    if (inputs === undefined) return outputs;
    return type === DECLARING_TYPE ? { ...inputs, ...outputs } : inputs;
  }

  /** The graph of exactly these resources. */
  graph(resources: readonly StackResource[]): EmittedGraph {
    return {
      resources: resources.map(({ type, name, urn, props, dependencies, propertyDependencies }) => {
        const { id } = plain(props) as { readonly id?: unknown };
        return {
          type,
          name,
          urn,
          inputs: this.#inputsOf(type, urn, props),
          ...(typeof id === "string" && !id.startsWith("[") ? { id } : {}),
          dependencies: dependencies.map((one) => one.urn),
          propertyDependencies: Object.fromEntries(
            Object.entries(propertyDependencies).map(([property, sources]) => [
              property,
              sources.map((one) => one.urn),
            ]),
          ),
        };
      }),
    };
  }
}

/** Plain data: the SDK's values throw when something is read that is not known yet. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.keys(value).map((key): [string, unknown] => {
    try {
      return [key, plain((value as Readonly<Record<string, unknown>>)[key])];
    } catch {
      return [key, "[unknown]"];
    }
  });
  return Array.isArray(value) ? entries.map(([, entry]) => entry) : Object.fromEntries(entries);
}

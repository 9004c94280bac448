import { defaultProviderProblem } from "./defaultProviders";
import { inputChanges } from "./diff";
import { messageOf } from "./errors";
import type { Provider, ProviderFactory, Properties, ResourceState, Value } from "./provider";
import { UNKNOWN } from "./provider";
import type { State } from "./state";
import type { Entry } from "./stateFormat";
import { isProviderType, makeUrn, packageOf, PROVIDER_TYPE_PREFIX } from "./urn";
import type { EngineValue, PropertyMap } from "./values";
import { hasUnknown, secret, toPlainMap } from "./values";

/** Stands for a provider whose configuration is not known yet: in a preview that is enough to say what would be created. */
class UnconfiguredProvider implements Provider {
  constructor(readonly name: string) {}

  secretOutputs(): readonly string[] {
    return [];
  }

  async check(_ctx: unknown, news: Properties): ReturnType<Provider["check"]> {
    return { inputs: news, failures: [] };
  }

  async diff(_ctx: unknown, old: ResourceState, news: Properties): ReturnType<Provider["diff"]> {
    return { changes: inputChanges(old.inputs, news, () => false) };
  }

  async create(_ctx: unknown, inputs: Properties): ReturnType<Provider["create"]> {
    return { id: "", outputs: inputs };
  }

  async update(_ctx: unknown, old: { readonly outputs: Properties }, news: Properties): Promise<Properties> {
    const unknowns = Object.keys(old.outputs).map((key): [string, Value] => [key, UNKNOWN]);
    return { ...Object.fromEntries(unknowns), ...news };
  }

  async delete(): Promise<void> {
    // Never called: nothing is deleted in a preview.
  }

  async read(_ctx: unknown, _id: string, last: Parameters<Provider["read"]>[2]): ReturnType<Provider["read"]> {
    return last;
  }

  async recover(): ReturnType<Provider["recover"]> {
    return undefined;
  }

  async invoke(token: string): Promise<Properties> {
    throw new Error(`${token}: the configuration of its provider is not known in this preview`);
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

/** What the registry needs of the run. */
export interface RegistryOptions {
  readonly project: string;
  readonly stack: string;
  readonly factories: { readonly [packageName: string]: ProviderFactory };
  /** Stack configuration; "<package>:<key>" configures the default provider of the package. */
  readonly config: { readonly [key: string]: string };
  readonly secretConfigKeys: readonly string[];
  readonly state: State;
}

/** The providers of a run, by the URN of their provider resource. */
export class ProviderRegistry {
  private readonly running = new Map<string, Promise<Provider>>();

  constructor(private readonly options: RegistryOptions) {}

  /** @throws Error naming the package and those there are. */
  private factory(packageName: string): ProviderFactory {
    const factory = Object.hasOwn(this.options.factories, packageName)
      ? this.options.factories[packageName]
      : undefined;
    if (factory === undefined) {
      const known = Object.keys(this.options.factories).sort().join(", ");
      throw new Error(
        `no provider for the package "${packageName}" in the embedded engine; there are: ${known}. Use the Pulumi CLI for others.`,
      );
    }
    return factory;
  }

  /** The configuration of a package's default provider. */
  defaultInputs(packageName: string): PropertyMap {
    const { config, secretConfigKeys } = this.options;
    const prefix = `${packageName}:`;
    const keys = Object.keys(config).filter((key) => key.startsWith(prefix));
    return Object.fromEntries(
      keys.map((key) => [
        key.slice(prefix.length),
        secretConfigKeys.includes(key) ? secret(config[key] ?? "") : (config[key] ?? ""),
      ]),
    );
  }

  defaultUrn(packageName: string): string {
    return makeUrn(this.options.stack, this.options.project, "", `${PROVIDER_TYPE_PREFIX}${packageName}`, "default");
  }

  /** URN of the provider for a type or function token; `reference` is "<urn>::<id>" or "". */
  urnFor(token: string, reference: string): string {
    return reference === "" ? this.defaultUrn(packageOf(token)) : reference.slice(0, reference.lastIndexOf("::"));
  }

  /**
   * Starts the provider of a provider resource from its inputs. Unknown inputs (previews only) are filled from
   * `previous`, what the state knows of them, unless the provider takes them as they are: what is about to be replaced
   * may be good no longer. Without `previous` the provider stays unconfigured.
   */
  configure(urn: string, packageName: string, inputs: PropertyMap, previous: PropertyMap | undefined): void {
    const start = async (): Promise<Provider> => {
      const factory = this.factory(packageName);
      const reason =
        previous === undefined ? undefined : factory.replacedBy?.(toPlainMap(previous), toPlainMap(inputs));
      if (reason !== undefined)
        throw new Error(
          `${reason}: the Pulumi CLI would replace everything that was made with it, which the embedded engine does not do; nothing was changed`,
        );
      if (factory.takesUnknown === true && previous !== undefined) return factory(toPlainMap(inputs));
      const filled: PropertyMap = Object.fromEntries(
        Object.entries(inputs).map(([k, v]): [string, EngineValue] => [k, hasUnknown(v) ? (previous?.[k] ?? v) : v]),
      );
      if (Object.values(filled).some(hasUnknown)) return new UnconfiguredProvider(packageName);
      return factory(toPlainMap(filled));
    };
    const provider = start();
    // Whoever asks for it gets the error; nobody asking is no crash.
    provider.catch(() => undefined);
    this.running.set(urn, provider);
  }

  /**
   * The entry of the default provider for a type or function token, started when it was not.
   *
   * @throws Error where the configuration allows none of that package.
   */
  ensureDefault(token: string): Entry {
    const packageName = packageOf(token);
    const problem = defaultProviderProblem(this.options.config, packageName, token);
    if (problem !== undefined) throw new Error(problem);
    const urn = this.defaultUrn(packageName);
    const inputs = this.defaultInputs(packageName);
    this.factory(packageName);
    if (!this.running.has(urn)) this.configure(urn, packageName, inputs, undefined);
    return providerEntry(urn, inputs, { id: "default", hidden: true });
  }

  /** A started provider; one that only the state knows is started from there. @throws Error when there is none or it does not start. */
  async get(urn: string): Promise<Provider> {
    if (!this.running.has(urn)) {
      const entry = this.options.state.get(urn);
      if (entry === undefined || !isProviderType(entry.type))
        throw new Error(`the provider ${urn} is neither registered nor in the state`);
      const packageName = packageOf(entry.type);
      const current = entry.hidden ? this.defaultInputs(packageName) : {};
      this.configure(urn, packageName, Object.keys(current).length > 0 ? current : entry.inputs, undefined);
    }
    const provider = this.running.get(urn);
    if (provider === undefined) throw new Error(`the provider ${urn} did not start`);
    try {
      return await provider;
    } catch (error) {
      throw new Error(`provider ${urn}: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Closes every provider that has started. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.running.values()].map(async (provider) => (await provider).close()));
    this.running.clear();
  }
}

/** A state entry with nothing but what a provider resource has. */
export function providerEntry(
  urn: string,
  inputs: PropertyMap,
  more: { readonly id: string; readonly hidden: boolean },
): Entry {
  return {
    key: urn,
    urn,
    type: urn.slice(urn.indexOf(PROVIDER_TYPE_PREFIX), urn.lastIndexOf("::")),
    custom: true,
    external: false,
    condemned: false,
    hidden: more.hidden,
    id: more.id,
    inputs,
    outputs: inputs,
    parent: "",
    provider: "",
    dependencies: [],
    propertyDependencies: {},
    protect: false,
    retainOnDelete: false,
    deletedWith: "",
    replaceOnChanges: [],
    timeouts: {},
    secretOutputs: [],
  };
}

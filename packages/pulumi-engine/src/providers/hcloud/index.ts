import { randomBytes } from "node:crypto";
import {
  PartialFailure,
  UNKNOWN,
  type CheckFailure,
  type DiffResult,
  type Properties,
  type Provider,
  type ProviderFactory,
  type ResourceContext,
  type ResourceState,
  type Value,
} from "../../provider";
import { Api } from "./api";
import { HcloudClient } from "./client";
import { readConfig } from "./config";
import type { Definition } from "./definition";
import { checkTable, sameValue } from "./properties";
import { DEFINITIONS } from "./types";

/** Time for one operation unless customTimeouts says otherwise; the real provider's for servers is 90 minutes. */
const DEFAULT_TIMEOUT_SECONDS = 1800;
const SUFFIX_BYTES = 4;
const SUFFIX_LENGTH = 7;

const rootOf = (path: string): string => path.split(/[.[]/)[0] ?? path;
const isUnknown = (value: Value | undefined): boolean =>
  value === UNKNOWN ||
  (typeof value === "object" && value !== null && Object.values(value).some((one: Value) => isUnknown(one)));

class HcloudProvider implements Provider {
  readonly name = "hcloud";

  constructor(private readonly client: HcloudClient) {}

  secretOutputs(type: string): readonly string[] {
    return this.definition(type).secretOutputs ?? [];
  }

  async check(ctx: ResourceContext, news: Properties, olds: Properties | undefined): ReturnType<Provider["check"]> {
    const { properties, rules } = this.definition(ctx.type);
    const withName: Properties =
      properties["name"] !== undefined && (news["name"] === undefined || news["name"] === null)
        ? { ...news, name: autoName(ctx.urn, olds) }
        : news;
    const { value, failures } = checkTable(withName, properties);
    // A rule cannot judge what is not known yet, or is mistyped anyway.
    const broken = new Set(failures.map((failure) => rootOf(failure.property)));
    const judged = (rules?.(value) ?? []).filter(
      (failure: CheckFailure) => !broken.has(rootOf(failure.property)) && !isUnknown(value[rootOf(failure.property)]),
    );
    return { inputs: value, failures: [...failures, ...judged] };
  }

  async diff(
    ctx: ResourceContext,
    old: ResourceState,
    news: Properties,
    changedPaths: readonly string[],
  ): Promise<DiffResult> {
    const { properties } = this.definition(ctx.type);
    const changed = changedPaths.map((path) => ({ path, key: rootOf(path) }));
    const onlyInForm = (key: string): boolean => {
      const property = properties[key];
      return property !== undefined && sameValue(old.inputs[key], news[key], property.shape);
    };
    const ignore = changed.filter(({ key }) => onlyInForm(key)).map(({ path }) => path);
    // Optional properties that are no longer given keep what the cloud chose.
    const replaces = ({ path, key }: { path: string; key: string }): boolean =>
      properties[key]?.replace === true &&
      !ignore.includes(path) &&
      !(news[key] === undefined && this.definition(ctx.type).computed.includes(key));
    return { replaceKeys: changed.filter(replaces).map(({ path }) => path), ignore };
  }

  async create(ctx: ResourceContext, inputs: Properties): ReturnType<Provider["create"]> {
    const definition = this.definition(ctx.type);
    if (ctx.preview) return { id: "", outputs: previewOutputs(definition, inputs) };
    const api = this.api(ctx);
    let made: string | undefined;
    try {
      const id = await definition.create(api, inputs, (value) => (made = value));
      return { id, outputs: await this.converged(api, definition, id, inputs, undefined) };
    } catch (error) {
      if (made === undefined) throw error;
      throw await this.partial(api, definition, made, inputs, error);
    }
  }

  async update(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<Properties> {
    const definition = this.definition(ctx.type);
    if (ctx.preview) return { ...old.outputs, ...news };
    const api = this.api(ctx);
    try {
      return await this.converged(api, definition, old.id, news, old.outputs);
    } catch (error) {
      throw await this.partial(api, definition, old.id, old.inputs, error);
    }
  }

  async delete(ctx: ResourceContext, old: ResourceState): Promise<void> {
    if (ctx.preview) return;
    await this.definition(ctx.type).delete(this.api(ctx), old.id, { ...old.inputs, ...old.outputs });
  }

  async read(ctx: ResourceContext, id: string, last: ResourceState | undefined): ReturnType<Provider["read"]> {
    const definition = this.definition(ctx.type);
    const imported = last === undefined ? definition.importId?.(id) : undefined;
    const key = imported?.id ?? id;
    const known = last === undefined ? imported?.last : { ...last.outputs, ...last.inputs };
    const outputs = await definition.read(this.api(ctx), key, known);
    if (outputs === undefined) return undefined;
    const inputs =
      last === undefined ? importedInputs(definition, outputs) : refreshedInputs(definition, last, outputs);
    return { id: key, inputs, outputs: { ...inputs, ...outputs } };
  }

  async recover(ctx: ResourceContext, inputs: Properties): ReturnType<Provider["recover"]> {
    const definition = this.definition(ctx.type);
    const api = this.api(ctx);
    const id = await definition.find(api, inputs);
    if (id === undefined) return undefined;
    // Someone else's resource of the same name is not ours to take: where what cannot change differs, it is not ours.
    const outputs = await definition.read(api, id, inputs);
    if (outputs === undefined) return undefined;
    for (const [key, property] of Object.entries(definition.properties)) {
      const echoed = outputs[key] === undefined || key === "userData";
      if (
        property.replace === true &&
        inputs[key] !== undefined &&
        !echoed &&
        !sameValue(inputs[key], outputs[key], property.shape)
      )
        return undefined;
    }
    return { id, outputs: await this.converged(api, definition, id, inputs, undefined) };
  }

  async invoke(token: string): Promise<Properties> {
    throw new Error(
      `the embedded engine's hcloud provider has no functions, ${token} is not available: pass ids and names instead of looking them up`,
    );
  }

  async close(): Promise<void> {
    this.client.close();
  }

  private definition(type: string): Definition {
    const found = Object.hasOwn(DEFINITIONS, type) ? DEFINITIONS[type] : undefined;
    if (found === undefined)
      throw new Error(
        `the embedded engine's hcloud provider has no ${type}; it has ${Object.keys(DEFINITIONS).join(", ")}`,
      );
    return found;
  }

  private api(ctx: ResourceContext): Api {
    const deadline = Date.now() + (ctx.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
    return new Api(this.client, {
      signal: ctx.signal,
      deadline,
      log: (severity, message) => ctx.log(severity, message),
    });
  }

  private async converged(
    api: Api,
    definition: Definition,
    id: string,
    inputs: Properties,
    before: Properties | undefined,
  ): Promise<Properties> {
    await definition.converge(api, id, inputs, before);
    const outputs = await definition.read(api, id, inputs);
    if (outputs === undefined) throw new Error(`${id} vanished while it was worked on`);
    return { ...inputs, ...outputs };
  }

  /** What there is after a failure; the failure itself when nothing is, or when that cannot be told. */
  private async partial(
    api: Api,
    definition: Definition,
    id: string,
    inputs: Properties,
    error: unknown,
  ): Promise<unknown> {
    const outputs = await definition.read(api, id, inputs).catch(() => inputs);
    if (outputs === undefined) return error;
    return new PartialFailure(error instanceof Error ? error.message : String(error), id, { ...inputs, ...outputs });
  }
}

/** Logical name, dash, seven hex digits, as Pulumi names things; kept once given. */
function autoName(urn: string, olds: Properties | undefined): Value {
  const kept = olds?.["name"];
  if (typeof kept === "string") return kept;
  const logicalName = urn.slice(urn.lastIndexOf("::") + 2);
  return `${logicalName}-${randomBytes(SUFFIX_BYTES).toString("hex").slice(0, SUFFIX_LENGTH)}`;
}

function previewOutputs(definition: Definition, inputs: Properties): Properties {
  const unknown = definition.computed
    .filter((name) => inputs[name] === undefined)
    .map((name) => [name, UNKNOWN] as const);
  return { ...inputs, ...Object.fromEntries(unknown) };
}

function importedInputs(definition: Definition, outputs: Properties): Properties {
  return Object.fromEntries(
    Object.keys(definition.properties).flatMap((key) => (outputs[key] === undefined ? [] : [[key, outputs[key]]])),
  );
}

/** The last inputs, but for what the cloud says otherwise now. */
function refreshedInputs(definition: Definition, last: ResourceState, outputs: Properties): Properties {
  const inputs: Record<string, Value> = { ...last.inputs };
  for (const [key, property] of Object.entries(definition.properties)) {
    const before = last.outputs[key];
    const now = outputs[key];
    if (inputs[key] === undefined || before === undefined || now === undefined) continue;
    if (!sameValue(before, now, property.shape)) inputs[key] = now;
  }
  return inputs;
}

/** The embedded engine's Hetzner Cloud provider: Pulumi's hcloud resources, over the Hetzner API. @throws Error for bad settings */
export const hcloudProvider: ProviderFactory = async (config) =>
  new HcloudProvider(new HcloudClient(readConfig(config)));

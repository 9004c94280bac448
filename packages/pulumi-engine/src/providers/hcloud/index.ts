import { autoNamed, isAutoNamed } from "../../bridge/autoName";
import { checkTable } from "../../bridge/check";
import { plannedChanges } from "../../bridge/diff";
import { appliedOutputs, finalOutputs, importedInputs, plannedOutputs, readInputs } from "../../bridge/outputs";
import { hasUnknown } from "../../bridge/property";
import {
  PartialFailure,
  type CheckFailure,
  type DiffResult,
  type Properties,
  type Provider,
  type ProviderFactory,
  type ResourceContext,
  type ResourceState,
} from "../../provider";
import { Api } from "./api";
import { HcloudClient } from "./client";
import { readConfig } from "./config";
import { TYPES, type HcloudType } from "./types";

/** Time for one operation unless customTimeouts says otherwise; the real provider's for servers is 90 minutes. */
const DEFAULT_TIMEOUT_SECONDS = 1800;

const rootOf = (path: string): string => path.split(/[.[]/)[0] ?? path;

class HcloudProvider implements Provider {
  readonly name = "hcloud";

  constructor(private readonly client: HcloudClient) {}

  secretOutputs(type: string): readonly string[] {
    return Object.entries(this.type(type).table).flatMap(([name, { secret }]) => (secret ? [name] : []));
  }

  async check(ctx: ResourceContext, news: Properties, olds: Properties | undefined): ReturnType<Provider["check"]> {
    const { table, validate } = this.type(ctx.type);
    const { __defaults: drawn, ...given } = autoNamed(table, ctx.urn, news, olds);
    const { value, failures } = checkTable(given, table);
    // A rule cannot judge what is not known yet, or is mistyped anyway.
    const broken = new Set(failures.map((failure) => rootOf(failure.property)));
    const judged = (validate?.(value) ?? []).filter(
      ({ property }: CheckFailure) => !broken.has(rootOf(property)) && !hasUnknown(value[rootOf(property)]),
    );
    const inputs: Properties = drawn === undefined ? value : { ...value, __defaults: drawn };
    return { inputs, failures: [...failures, ...judged] };
  }

  async diff(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<DiffResult> {
    const { kit = "sdk", table } = this.type(ctx.type);
    const changes = plannedChanges(kit, table, old.outputs, news);
    // Two of one name cannot be. Of the newer kit's types the bridge does not say so, and their replacement fails.
    const isNamed = kit === "sdk" && table["name"]?.autonamed === true && !isAutoNamed(news);
    return { changes, deleteBeforeReplace: isNamed && changes.some((change) => change.replace) };
  }

  async create(ctx: ResourceContext, inputs: Properties): ReturnType<Provider["create"]> {
    const type = this.type(ctx.type);
    const { kit = "sdk", table } = type;
    const planned = plannedOutputs(kit, table, inputs, undefined);
    if (ctx.preview) return { id: "", outputs: planned };
    const api = this.api(ctx);
    let made: string | undefined;
    try {
      await type.create(api, inputs, (id) => (made = id));
      if (made === undefined) throw new Error("the answer has no id");
      await type.finish?.(api, made, inputs);
      return { id: made, outputs: await this.applied(api, type, made, inputs, planned) };
    } catch (error) {
      // Of the newer kit's types the bridge forgets what was half made: it is there, and in no state.
      if (made === undefined || kit === "framework") throw error;
      // What was asked for is taken for what is; nobody looks.
      throw new PartialFailure(messageOf(error), made, finalOutputs(kit, table, planned, {}));
    }
  }

  /** After a failure the state is what it was, whatever of the update has been done. */
  async update(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<Properties> {
    const type = this.type(ctx.type);
    const { kit = "sdk", table } = type;
    const planned = plannedOutputs(kit, table, news, old.outputs);
    if (ctx.preview) return planned;
    const api = this.api(ctx);
    const changed = new Set(plannedChanges(kit, table, old.outputs, news).map(({ path }) => rootOf(path)));
    try {
      await type.update?.(api, old.id, { has: (key) => changed.has(key), inputs: news, state: old.outputs });
    } catch (error) {
      throw kit === "framework" ? error : new PartialFailure(messageOf(error), old.id, old.outputs, old.inputs);
    }
    return this.applied(api, type, old.id, { ...old.outputs, ...news }, planned);
  }

  async delete(ctx: ResourceContext, old: ResourceState): Promise<void> {
    if (ctx.preview) return;
    await this.type(ctx.type).delete(this.api(ctx), old.id, { ...old.inputs, ...old.outputs });
  }

  async read(ctx: ResourceContext, id: string, last: ResourceState | undefined): ReturnType<Provider["read"]> {
    const type = this.type(ctx.type);
    const { kit = "sdk", table } = type;
    const imported = last === undefined ? type.importId?.(id) : undefined;
    const key = imported?.id ?? id;
    const seen = await type.read(this.api(ctx), key, { ...last?.outputs, ...last?.inputs, ...imported?.last });
    if (seen === undefined) return undefined;
    const outputs = finalOutputs(kit, table, last?.outputs ?? {}, seen);
    const isKnown = last !== undefined && Object.keys(last.inputs).length > 0;
    const inputs = isKnown ? readInputs(kit, table, last, outputs) : importedInputs(table, outputs);
    return { id: key, inputs, outputs };
  }

  async recover(ctx: ResourceContext, inputs: Properties): ReturnType<Provider["recover"]> {
    const type = this.type(ctx.type);
    const { kit = "sdk", table } = type;
    const api = this.api(ctx);
    const id = await type.find(api, inputs);
    if (id === undefined) return undefined;
    const planned = plannedOutputs(kit, table, inputs, undefined);
    const found = finalOutputs(kit, table, planned, (await type.read(api, id, inputs)) ?? {});
    // Someone else's resource of the same name is not ours to take: where what cannot change differs, it is not ours.
    if (plannedChanges(kit, table, found, inputs).some((change) => change.replace)) return undefined;
    await type.finish?.(api, id, inputs);
    return { id, outputs: await this.applied(api, type, id, inputs, planned) };
  }

  async invoke(token: string): Promise<Properties> {
    throw new Error(
      `the embedded engine's hcloud provider has no functions, ${token} is not available: pass ids and names instead of looking them up`,
    );
  }

  async close(): Promise<void> {
    this.client.close();
  }

  private type(token: string): HcloudType {
    const found = TYPES.get(token);
    if (found === undefined)
      throw new Error(`the embedded engine's hcloud provider has no ${token}; it has ${[...TYPES.keys()].join(", ")}`);
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

  private async applied(
    api: Api,
    type: HcloudType,
    id: string,
    last: Properties,
    planned: Properties,
  ): Promise<Properties> {
    const seen = await type.read(api, id, last);
    if (seen === undefined) throw new Error(`${id} vanished while it was worked on`);
    return appliedOutputs(type.kit ?? "sdk", type.table, planned, seen);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The embedded engine's Hetzner Cloud provider: Pulumi's hcloud resources, over the Hetzner API. @throws Error for bad settings */
export const hcloudProvider: ProviderFactory = async (config) =>
  new HcloudProvider(new HcloudClient(readConfig(config)));

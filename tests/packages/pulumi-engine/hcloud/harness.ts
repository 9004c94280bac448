import {
  PartialFailure,
  UNKNOWN,
  type Properties,
  type Provider,
  type ResourceContext,
  type ResourceState,
  type Value,
} from "@standin/pulumi-engine/provider";
import { hcloudProvider } from "@standin/pulumi-engine/providers/hcloud";
import type { CloudOptions } from "@standin/hetzner-api/cloud";
import { TestCloud } from "../../hetzner-api/support/testCloud";

/** "server" -> "hcloud:index/server:Server" */
export const typeToken = (name: string): string =>
  `hcloud:index/${name}:${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;

/** A provider over a local cloud, driven as the engine drives it. */
export class Harness {
  readonly cloud: TestCloud;
  readonly logs: string[] = [];
  readonly abort = new AbortController();
  private opened: Provider | undefined;

  constructor(options: Partial<CloudOptions> = {}) {
    this.cloud = new TestCloud(options);
  }

  get provider(): Provider {
    if (this.opened === undefined) throw new Error("the test has not started its provider");
    return this.opened;
  }

  async start(): Promise<this> {
    await this.cloud.start();
    this.opened = await hcloudProvider({
      endpoint: this.cloud.endpoint,
      token: this.cloud.token,
      pollInterval: "10ms",
    });
    return this;
  }

  async dispose(): Promise<void> {
    await this.opened?.close();
    await this.cloud.dispose();
  }

  context(name: string, logicalName: string, more: Partial<ResourceContext> = {}): ResourceContext {
    const type = typeToken(name);
    const urn = `urn:pulumi:test::demo::${type}::${logicalName}`;
    return {
      urn,
      type,
      preview: false,
      signal: this.abort.signal,
      log: (severity, message) => void this.logs.push(`${severity}: ${message}`),
      ...more,
    };
  }

  /** check and create; fails on any check failure. */
  async make(name: string, logicalName: string, news: Properties): Promise<ResourceState> {
    const ctx = this.context(name, logicalName);
    const { inputs, failures } = await this.provider.check(ctx, news, undefined);
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    const { id, outputs } = await this.provider.create(ctx, inputs);
    return { id, inputs, outputs };
  }

  async change(name: string, logicalName: string, old: ResourceState, changes: Properties): Promise<ResourceState> {
    const ctx = this.context(name, logicalName);
    const { inputs, failures } = await this.provider.check(ctx, { ...old.inputs, ...changes }, old.inputs);
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return { id: old.id, inputs, outputs: await this.provider.update(ctx, old, inputs) };
  }

  async failures(name: string, news: Properties): Promise<Record<string, string>> {
    const { failures } = await this.provider.check(this.context(name, "checked"), news, undefined);
    return Object.fromEntries(failures.map(({ property, reason }) => [property, reason]));
  }

  async remove(name: string, old: ResourceState): Promise<void> {
    await this.provider.delete(this.context(name, "gone"), old);
  }

  /** "image: update, replace" ... of what would change. */
  async diff(name: string, old: ResourceState, changes: Properties): Promise<string[]> {
    const news = { ...old.inputs, ...changes };
    const { changes: found } = await this.provider.diff(this.context(name, "diffed"), old, news);
    return found.map(({ path, kind, replace }) => `${path}: ${kind}${replace ? ", replace" : ""}`);
  }
}

export { PartialFailure, UNKNOWN, type Properties, type ResourceState, type Value };

import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inputChanges } from "@standin/pulumi-engine/diff";
import { PartialFailure, UNKNOWN } from "@standin/pulumi-engine/provider";
import type {
  DiffResult,
  Properties,
  Provider,
  ProviderFactory,
  ResourceContext,
  ResourceState,
  Value,
} from "@standin/pulumi-engine/provider";

/** One thing in the fake cloud. */
export interface CloudThing {
  readonly id: string;
  readonly type: string;
  readonly urn: string;
  readonly inputs: Properties;
}

/** One call a provider received; in the order in which they began and ended. */
export interface Call {
  readonly phase: "begin" | "end";
  readonly method: "create" | "update" | "delete" | "read" | "recover" | "invoke" | "diff" | "configure";
  readonly name: string;
  readonly preview?: boolean;
  readonly detail?: unknown;
}

/**
 * A cloud in a directory, so that it outlives a killed engine: cloud.json is what exists, calls.jsonl what was asked.
 * Inputs steer it: `immutable` replaces, `exclusive` replaces by deleting first, `delayMs` takes time,
 * `failCreate`, `failUpdate`, `failDelete`, `failPartial` fail, `hangBefore` / `hangAfter` block a create before or
 * after it has reached the cloud (until killed or cancelled), `autoName` gets a name.
 */
export class FakeCloud {
  private readonly file: string;
  private readonly log: string;

  constructor(readonly directory: string) {
    this.file = join(directory, "cloud.json");
    this.log = join(directory, "calls.jsonl");
  }

  things(): CloudThing[] {
    return existsSync(this.file) ? (JSON.parse(readFileSync(this.file, "utf8")) as CloudThing[]) : [];
  }

  names(): string[] {
    return this.things()
      .map((t) => nameOf(t.urn))
      .sort();
  }

  write(things: readonly CloudThing[]): void {
    writeFileSync(`${this.file}.new`, JSON.stringify(things));
    renameSync(`${this.file}.new`, this.file);
  }

  calls(): Call[] {
    if (!existsSync(this.log)) return [];
    return readFileSync(this.log, "utf8")
      .trim()
      .split("\n")
      .filter((l) => l !== "")
      .map((line) => JSON.parse(line) as Call);
  }

  /** "create a", "delete b" ... of everything that was really asked for, at its end. */
  changes(): string[] {
    return this.calls()
      .filter((c) => c.phase === "end" && c.preview !== true && ["create", "update", "delete"].includes(c.method))
      .map((c) => `${c.method} ${c.name}`);
  }

  forgetCalls(): void {
    writeFileSync(this.log, "");
  }

  record(call: Call): void {
    appendFileSync(this.log, `${JSON.stringify(call)}\n`);
  }

  /** Makes the factory of the package "fake" over this cloud. */
  factory(): ProviderFactory {
    return async (config) => {
      this.record({ phase: "end", method: "configure", name: "", detail: config });
      if (config["refuse"] !== undefined) throw new Error(`configuration refused: ${text(config["refuse"])}`);
      return new FakeProvider(this);
    };
  }
}

const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);
const text = (value: Value | undefined): string => (typeof value === "string" ? value : JSON.stringify(value));

class FakeProvider implements Provider {
  readonly name = "fake";

  constructor(private readonly cloud: FakeCloud) {}

  private async call<T>(
    method: Call["method"],
    ctx: ResourceContext,
    detail: unknown,
    work: () => Promise<T> | T,
  ): Promise<T> {
    const base = { method, name: nameOf(ctx.urn), preview: ctx.preview, detail };
    this.cloud.record({ phase: "begin", ...base });
    const result = await work();
    this.cloud.record({ phase: "end", ...base });
    return result;
  }

  private outputs(inputs: Properties, id: string): Properties {
    const value = inputs["value"];
    const token: Properties = id === "" ? {} : { token: `token-of-${id}` };
    return { ...inputs, computed: value === UNKNOWN ? UNKNOWN : `computed-${text(value ?? null)}`, ...token };
  }

  secretOutputs(): readonly string[] {
    return ["token"];
  }

  async check(ctx: ResourceContext, news: Properties, olds: Properties | undefined): ReturnType<Provider["check"]> {
    const failures = ["bad", "worse"]
      .filter((k) => news[k] !== undefined)
      .map((k) => ({ property: k, reason: `"${text(news[k])}" is not allowed` }));
    const named: Properties =
      news["autoName"] === true
        ? { name: olds?.["name"] ?? `${nameOf(ctx.urn)}-${Math.random().toString(16).slice(2, 9)}` }
        : {};
    return { inputs: { ...named, ...news }, failures };
  }

  async diff(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<DiffResult> {
    const changes = inputChanges(old.inputs, news, (path) => /^(immutable|exclusive)\b/.test(path));
    const paths = changes.map(({ path }) => path);
    return this.call("diff", ctx, paths, () => ({
      changes: changes.filter(({ path }) => path !== "cosmetic"),
      deleteBeforeReplace: news["exclusive"] !== undefined,
    }));
  }

  async create(ctx: ResourceContext, inputs: Properties): ReturnType<Provider["create"]> {
    return this.call("create", ctx, { timeoutSeconds: ctx.timeoutSeconds }, async () => {
      if (ctx.preview) return { id: "", outputs: this.outputs(inputs, "") };
      ctx.log("info", `making ${nameOf(ctx.urn)} with ${text(inputs["password"] ?? "nothing secret")}`);
      if (inputs["delayMs"] !== undefined) await sleep(Number(inputs["delayMs"]));
      if (inputs["hangBefore"] === true) await this.hang(ctx);
      if (inputs["failCreate"] !== undefined) throw new Error(`cannot create: ${text(inputs["failCreate"])}`);
      const id = `id-${nameOf(ctx.urn)}-${this.cloud.calls().length}`;
      this.cloud.write([...this.cloud.things(), { id, type: ctx.type, urn: ctx.urn, inputs }]);
      if (inputs["hangAfter"] === true) await this.hang(ctx);
      if (inputs["failPartial"] !== undefined)
        throw new PartialFailure(`half done: ${text(inputs["failPartial"])}`, id, this.outputs(inputs, id));
      return { id, outputs: this.outputs(inputs, id) };
    });
  }

  private async hang(ctx: ResourceContext): Promise<void> {
    // Once only, so that a later run of the same program gets through.
    const marker = join(this.cloud.directory, `hung-${nameOf(ctx.urn)}`);
    if (existsSync(marker)) return;
    writeFileSync(marker, "");
    await sleep(60_000, undefined, { signal: ctx.signal });
  }

  async update(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<Properties> {
    return this.call("update", ctx, undefined, async () => {
      if (ctx.preview) return this.outputs(news, old.id);
      if (news["delayMs"] !== undefined) await sleep(Number(news["delayMs"]));
      if (news["hangBefore"] === true) await this.hang(ctx);
      if (news["failUpdate"] !== undefined) throw new Error(`cannot update: ${text(news["failUpdate"])}`);
      if (!this.cloud.things().some((t) => t.id === old.id))
        throw new Error(`update of ${old.id}, which does not exist`);
      this.cloud.write(this.cloud.things().map((t) => (t.id === old.id ? { ...t, urn: ctx.urn, inputs: news } : t)));
      if (news["hangAfter"] === true) await this.hang(ctx);
      if (news["failPartial"] !== undefined)
        throw new PartialFailure(`half done: ${text(news["failPartial"])}`, old.id, this.outputs(news, old.id));
      return this.outputs(news, old.id);
    });
  }

  async delete(ctx: ResourceContext, old: ResourceState): Promise<void> {
    await this.call("delete", ctx, undefined, async () => {
      if (old.inputs["delayMs"] !== undefined) await sleep(Number(old.inputs["delayMs"]));
      if (old.inputs["failDelete"] !== undefined) throw new Error(`cannot delete: ${text(old.inputs["failDelete"])}`);
      if (old.inputs["hangDelete"] === "before") await this.hang(ctx);
      this.cloud.write(this.cloud.things().filter((t) => t.id !== old.id));
      if (old.inputs["hangDelete"] === "after") await this.hang(ctx);
    });
  }

  async read(ctx: ResourceContext, id: string): Promise<ResourceState | undefined> {
    return this.call("read", ctx, id, () => {
      const found = this.cloud.things().find((t) => t.id === id);
      return found === undefined ? undefined : { id, inputs: found.inputs, outputs: this.outputs(found.inputs, id) };
    });
  }

  async recover(ctx: ResourceContext, inputs: Properties): ReturnType<Provider["recover"]> {
    return this.call("recover", ctx, undefined, () => {
      // By URN and content, which stand for a name that is unique in the cloud.
      const found = this.cloud
        .things()
        .find((t) => t.urn === ctx.urn && JSON.stringify(t.inputs) === JSON.stringify(inputs));
      return found === undefined ? undefined : { id: found.id, outputs: this.outputs(inputs, found.id) };
    });
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    this.cloud.record({ phase: "end", method: "invoke", name: token, detail: args });
    if (token !== "fake:index:getThing") throw new Error(`no function ${token}`);
    return { answer: `invoked with ${text(args["question"])}` };
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { inputChanges } from "../../diff";
import {
  UNKNOWN,
  type Properties,
  type Provider,
  type ProviderFactory,
  type ResourceContext,
  type ResourceState,
  type Value,
} from "../../provider";
import { LocalInputs, RemoteInputs, RunInputs } from "./commandInputs";
import { runLocal } from "./localCommand";
import { runRemote } from "./remoteCommand";
import type { IsShown, RunResult } from "./runResult";

const REMOTE = "command:remote:Command";
const LOCAL = "command:local:Command";
type Phase = "create" | "update" | "delete";

export interface CommandProviderOptions {
  /**
   * Lines of a failed command's standard error that are made to be shown as they are, though they may repeat what the
   * command was given. Default: none; of all the values given are blotted out.
   */
  readonly isShown?: IsShown;
  /** Address of this machine from which SSH goes out. Default: as the system chooses. */
  readonly localAddress?: () => string | undefined;
}

/** The embedded engine's provider for package "command", after @pulumi/command 1.2.1. */
export const commandProvider: ProviderFactory = async () => new CommandProvider({});

/** The same with options. */
export const commandProviderWith =
  (options: CommandProviderOptions): ProviderFactory =>
  async () =>
    new CommandProvider(options);

class CommandProvider implements Provider {
  readonly name = "command";
  readonly #isShown: IsShown;
  readonly #localAddress: () => string | undefined;

  constructor({ isShown = () => false, localAddress = () => undefined }: CommandProviderOptions) {
    this.#isShown = isShown;
    this.#localAddress = localAddress;
  }

  secretOutputs(type: string): readonly string[] {
    return schemaOf(type) === RemoteInputs ? ["connection"] : [];
  }

  async check(ctx: ResourceContext, news: Properties): ReturnType<Provider["check"]> {
    const parsed = schemaOf(ctx.type).safeParse(news);
    if (parsed.success) return { inputs: news, failures: [] };
    const failures = parsed.error.issues
      // What is not known yet is judged when it is.
      .filter((issue) => issue.code === "unrecognized_keys" || !holdsUnknown(valueAt(news, issue.path)))
      .flatMap((issue) =>
        issue.code === "unrecognized_keys"
          ? issue.keys.map((key) => ({
              property: key,
              reason: `the embedded engine does not know it; allowed: ${Object.keys(schemaOf(ctx.type).shape).join(", ")}`,
            }))
          : [{ property: issue.path.join("."), reason: issue.message }],
      );
    return { inputs: news, failures };
  }

  async diff(_ctx: ResourceContext, old: ResourceState, news: Properties): ReturnType<Provider["diff"]> {
    return { changes: inputChanges(old.inputs, news, (path) => /^triggers($|[.[])/.test(path)) };
  }

  async create(ctx: ResourceContext, inputs: Properties): ReturnType<Provider["create"]> {
    if (ctx.preview) return { id: "", outputs: { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN } };
    const outputs = await this.#run(ctx, inputs, "create", {});
    return {
      id: `${ctx.urn.split("::").at(-1) ?? ""}${randomBytes(4).toString("hex")}`,
      outputs: { ...inputs, ...outputs },
    };
  }

  async update(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<Properties> {
    if (ctx.preview) return { ...news, stdout: UNKNOWN, stderr: UNKNOWN };
    return { ...news, ...(await this.#run(ctx, news, "update", old.outputs)) };
  }

  async delete(ctx: ResourceContext, old: ResourceState): Promise<void> {
    // With the connection of the last create or update, as the real provider: it has no other.
    if (!ctx.preview) await this.#run(ctx, old.inputs, "delete", old.outputs);
  }

  /** There is nothing to look at: drift is invisible, as with the real provider. */
  async read(_ctx: ResourceContext, _id: string, last: ResourceState | undefined): ReturnType<Provider["read"]> {
    return last;
  }

  /** Whether a command that was cut off had an effect cannot be told; commands must bear a second run. */
  async recover(): ReturnType<Provider["recover"]> {
    return undefined;
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    if (token !== "command:local:run")
      throw new Error(`the embedded engine's command provider has no function ${token}; it has command:local:run`);
    const inputs = RunInputs.parse(args);
    const ctx: ResourceContext = {
      urn: token,
      type: token,
      preview: false,
      signal: new AbortController().signal,
      log: () => undefined,
    };
    const { stdout, stderr } = await runLocal(ctx, inputs, inputs.command, {}, ctx.signal, this.#isShown);
    return { ...args, stdout, stderr };
  }

  async close(): Promise<void> {
    // Each command has a connection of its own, closed when it ends.
  }

  async #run(ctx: ResourceContext, properties: Properties, phase: Phase, previous: Properties): Promise<Properties> {
    const output = ({ stdout, stderr }: RunResult): Properties => ({ stdout, stderr });
    const kept = { stdout: textOf(previous["stdout"]), stderr: textOf(previous["stderr"]) };
    const signal =
      ctx.timeoutSeconds === undefined
        ? ctx.signal
        : AbortSignal.any([ctx.signal, AbortSignal.timeout(ctx.timeoutSeconds * 1000)]);
    if (schemaOf(ctx.type) === RemoteInputs) {
      const inputs = RemoteInputs.parse(properties);
      const command = commandOf(inputs, phase);
      // The previous output would need AcceptEnv; the real provider, too, goes on without it.
      if (command === undefined) return kept;
      return output(await runRemote(ctx, inputs, command, signal, this.#isShown, this.#localAddress()));
    }
    const inputs = LocalInputs.parse(properties);
    const command = commandOf(inputs, phase);
    const environment =
      inputs.addPreviousOutputInEnv === false
        ? {}
        : { PULUMI_COMMAND_STDOUT: kept.stdout, PULUMI_COMMAND_STDERR: kept.stderr };
    return command === undefined
      ? kept
      : output(await runLocal(ctx, inputs, command, environment, signal, this.#isShown));
  }
}

function commandOf(
  inputs: {
    readonly create?: string | undefined;
    readonly update?: string | undefined;
    readonly delete?: string | undefined;
  },
  phase: Phase,
): string | undefined {
  switch (phase) {
    case "create":
      return inputs.create;
    case "update":
      return inputs.update ?? inputs.create;
    case "delete":
      return inputs.delete;
  }
}

function schemaOf(type: string): z.ZodObject {
  switch (type) {
    case REMOTE:
      return RemoteInputs;
    case LOCAL:
      return LocalInputs;
    default:
      throw new Error(`the embedded engine's command provider has no ${type}; it has ${REMOTE} and ${LOCAL}`);
  }
}

function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

function valueAt(value: Value, path: readonly PropertyKey[]): Value | undefined {
  return path.reduce<Value | undefined>((at, key) => {
    if (typeof at !== "object" || at === null) return at;
    return (at as { readonly [key: PropertyKey]: Value | undefined })[key];
  }, value);
}

function holdsUnknown(value: Value | undefined): boolean {
  if (value === UNKNOWN) return true;
  return typeof value === "object" && value !== null && Object.values(value).some((one: Value) => holdsUnknown(one));
}

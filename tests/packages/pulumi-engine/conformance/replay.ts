import { randomProvider } from "@standin/pulumi-engine/providers/random";
import { PartialFailure } from "@standin/pulumi-engine/provider";
import type { Properties, Provider, ResourceContext, ResourceState, Value } from "@standin/pulumi-engine/provider";
import { Harness } from "../hcloud/harness";
import { codeIn, deep, masked, plain, secretsIn, type Call } from "./recording";

/** What a call's answer is compared by: the same words on both sides. */
export interface Answer {
  /** The error's code. */
  readonly refused?: string | undefined;
  readonly id?: string;
  readonly gone?: true;
  readonly inputs?: Properties;
  readonly outputs?: Properties;
  /** Outputs that are secret whatever the inputs are. */
  readonly secrets?: readonly string[];
  readonly failures?: unknown;
  readonly changes?: boolean;
  readonly fields?: readonly string[];
  readonly replaces?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  readonly kinds?: Readonly<Record<string, string>>;
}

/** What stands for the recording's masks. */
export interface Material {
  readonly publicKey: string;
  readonly otherPublicKey: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** Asks the embedded providers what the real ones were asked, over a local cloud that starts empty. */
export class Replay {
  readonly harness = new Harness();
  /** By the recorded id. */
  private readonly ids = new Map<string, string>();
  /** Half-made: by name, what the recording tells the id of only later. */
  private readonly halfMade = new Map<string, string>();
  private random: Provider | undefined;

  constructor(private readonly material: Material) {}

  async start(): Promise<void> {
    await this.harness.start();
    this.random = await randomProvider({});
  }

  /** The recorded answer and ours, in the same words. */
  async ask(call: Call): Promise<{ readonly recorded: Answer; readonly ours: Answer }> {
    const half = this.halfMade.get(call.name);
    if (half !== undefined && call.id !== undefined) this.learn(call.id, half);
    if (call.id !== undefined) this.halfMade.delete(call.name);
    const ours: Answer = await this.answer(call).catch((error: unknown) => {
      if (error instanceof PartialFailure && call.method === "Create") this.halfMade.set(call.name, error.id);
      return { refused: codeIn(String(error)) ?? String(error) };
    });
    if (call.method === "Create" && ours.id !== undefined) this.learn(call.response?.id ?? "", ours.id);
    return { recorded: this.recorded(call), ours };
  }

  private learn(recorded: string, own: string): void {
    if (/^\d+$/.test(recorded)) this.ids.set(recorded, own);
  }

  /** Ids as they are in this cloud, wherever they stand. */
  private own<T extends Value | undefined>(value: T): T {
    const swap = (text: string): string => text.replace(/(?<!\d)1\d{7}(?!\d)/g, (id) => this.ids.get(id) ?? id);
    return deep(value ?? null, (one) => {
      if (typeof one === "string") return swap(one);
      return typeof one === "number" && one >= 10_000_000 ? Number(swap(String(one))) : one;
    }) as T;
  }

  private given(call: Call, value: Properties | undefined, isNew: boolean): Properties {
    const { publicKey, otherPublicKey, certificate, privateKey } = this.material;
    const stands: Readonly<Record<string, string>> = {
      // Both keys are masked with the same words; the second one comes with the case that is about it.
      "<public key>": isNew && call.case.startsWith("24") ? otherPublicKey : publicKey,
      "<certificate pem>": certificate,
      "<private key>": privateKey,
    };
    return deep(this.own(plain(value)), (one) => (typeof one === "string" ? (stands[one] ?? one) : one)) as Properties;
  }

  private recorded(call: Call): Answer {
    const { response, errors } = call;
    if (errors !== undefined) return { refused: codeIn(errors.join()) };
    const shown = (value: Properties | undefined): Properties => masked(this.own(plain(value)));
    switch (call.method) {
      case "Check":
        return { inputs: shown(response?.inputs) };
      case "Diff":
        return {
          changes: response?.changes === "DIFF_SOME",
          fields: [...(response?.diffs ?? [])].sort(),
          replaces: [...(response?.replaces ?? [])].sort(),
          deleteBeforeReplace: response?.deleteBeforeReplace ?? false,
          ...(response?.hasDetailedDiff === true
            ? {
                kinds: Object.fromEntries(
                  Object.entries(response.detailedDiff ?? {}).map(([path, { kind = "ADD" }]) => [path, kind]),
                ),
              }
            : {}),
        };
      case "Read":
        return response?.id === undefined
          ? { gone: true }
          : { id: this.own(response.id), inputs: shown(response.inputs), outputs: shown(response.properties) };
      case "Create":
        return {
          id: this.own(this.idOf(call)),
          outputs: shown(response?.properties),
          secrets: secretsIn(response?.properties),
        };
      case "Update":
        return { outputs: shown(response?.properties) };
      case "Delete":
        return { gone: true };
    }
  }

  /** Random ids are another one each time. */
  private idOf = (call: Call): string => (call.type.startsWith("random:") ? "<drawn>" : (call.response?.id ?? ""));

  private async answer(call: Call): Promise<Answer> {
    const provider = call.type.startsWith("random:") ? this.random : this.harness.provider;
    if (provider === undefined) throw new Error("the replay has not been started");
    const [, type = ""] = /:index\/(\w+):/.exec(call.type) ?? [];
    const ctx: ResourceContext = { ...this.harness.context(type, call.name), type: call.type };
    const id = this.own(call.id ?? "");
    const olds: ResourceState = {
      id,
      inputs: this.given(call, call.oldInputs ?? call.inputs, false),
      outputs: this.given(
        call,
        call.method === "Diff" || call.method === "Update" ? call.olds : call.properties,
        false,
      ),
    };
    const news = this.given(call, call.news ?? call.properties, true);
    switch (call.method) {
      case "Check": {
        const before = Object.keys(call.olds ?? {}).length === 0 ? undefined : this.given(call, call.olds, false);
        const { inputs, failures } = await provider.check(ctx, news, before);
        return { inputs: masked(inputs), ...(failures.length === 0 ? {} : { failures }) };
      }
      case "Diff": {
        const { changes, deleteBeforeReplace = false } = await provider.diff(ctx, olds, news);
        const roots = (of: typeof changes): string[] =>
          [...new Set(of.map(({ path }) => /^\w+/.exec(path)?.[0] ?? path))].sort();
        const kindOf = ({ kind, replace }: (typeof changes)[number]): string =>
          `${kind.toUpperCase()}${replace ? "_REPLACE" : ""}`;
        return {
          changes: changes.length > 0,
          fields: roots(changes),
          replaces: roots(changes.filter(({ replace }) => replace)),
          deleteBeforeReplace,
          ...(call.response?.hasDetailedDiff === true
            ? { kinds: Object.fromEntries(changes.map((change) => [change.path, kindOf(change)])) }
            : {}),
        };
      }
      case "Create": {
        const made = await provider.create(ctx, news);
        const secrets = provider.secretOutputs(call.type).filter((name) => name in made.outputs);
        return { id: call.type.startsWith("random:") ? "<drawn>" : made.id, outputs: masked(made.outputs), secrets };
      }
      case "Read": {
        const found = await provider.read(ctx, id, olds);
        return found === undefined
          ? { gone: true }
          : { id: found.id, inputs: masked(found.inputs), outputs: masked(found.outputs) };
      }
      case "Update":
        return { outputs: masked(await provider.update(ctx, olds, news)) };
      case "Delete":
        await provider.delete(ctx, olds);
        return { gone: true };
    }
  }
}

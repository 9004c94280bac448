import { stripVTControlCharacters } from "node:util";
import { messageOf } from "./errors";
import { Callbacks } from "./callbacks";
import type { Diagnostic, EngineEvent, Operation, ResourceResult, Severity, Summary } from "./events";
import type { ShownDifference } from "./diff";
import type { Goal } from "./goal";
import { Hooks } from "./hooks";
import type { Provider, ResourceContext } from "./provider";
import type { ProviderRegistry } from "./providerRegistry";
import { Scheduler, StoppedError } from "./scheduler";
import type { SecretMasker } from "./secrets";
import type { State } from "./state";
import type { Entry, Timeouts } from "./stateFormat";
import { parseUrn } from "./urn";
import { toMaskedMap, type PropertyMap } from "./values";

/** What one run of the engine shares between its parts. */
export interface RunOptions {
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
  readonly parallel: number;
  /** URNs, with "*" for any text; undefined: every resource. */
  readonly targets: readonly string[] | undefined;
  /** What does not need a failed step goes on. */
  readonly continueOnError: boolean;
  readonly state: State;
  readonly providers: ProviderRegistry;
  readonly masker: SecretMasker;
  readonly onEvent: (event: EngineEvent) => void;
}

/** What is recorded of a step besides what its entry says. */
export interface StepRecord {
  readonly op: Operation;
  readonly status: ResourceResult["status"];
  readonly diff?: readonly ShownDifference[];
  readonly replaceKeys?: readonly string[];
  readonly error?: string;
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The state of one run: what is registered, what was done, and the way to the outside (events). */
export class Run {
  readonly scheduler: Scheduler;
  /** Into the program. */
  readonly callbacks = new Callbacks();
  readonly hooks: Hooks;
  /** URNs registered or read in this run. */
  readonly registered = new Map<string, Goal | undefined>();
  /** URN of this run -> URN it had in the state, for resources found through an alias. */
  readonly renamed = new Map<string, string>();
  /** URNs that are replaced in this run. */
  readonly replaced = new Set<string>();
  /** URNs deleted early, because something they depend on is deleted before it is replaced; with their old entries. */
  readonly cascaded = new Map<string, Entry>();
  /** Program-side ids in this run, for provider calls that look resources up. */
  readonly current = new Map<string, Entry>();
  readonly diagnostics: Diagnostic[] = [];
  /** URN -> why a preview says that an up would refuse. */
  private readonly refused = new Map<string, string>();
  private readonly results = new Map<string, ResourceResult>();
  private readonly targetPatterns: readonly RegExp[] | undefined;
  /** Set by any error; the run then ends not ok. */
  failed = false;
  /** Errors other than a preview's refusals. */
  private otherErrors = false;

  constructor(readonly options: RunOptions) {
    this.scheduler = new Scheduler(options.parallel);
    this.hooks = new Hooks(this.callbacks, options.preview, (urn, message) => this.diagnose("warning", message, urn));
    this.targetPatterns = options.targets?.map(
      (t) => new RegExp(`^${t.split("*").map(escapeRegExp).join(".*")}$`, "s"),
    );
  }

  get preview(): boolean {
    return this.options.preview;
  }

  get state(): State {
    return this.options.state;
  }

  /** False when targets are named and this is none of them. */
  isTarget(urn: string): boolean {
    return this.targetPatterns?.some((pattern) => pattern.test(urn)) ?? true;
  }

  emit(event: EngineEvent): void {
    this.options.onEvent(event);
  }

  /** Reports a message; an error makes the run fail. */
  diagnose(severity: Severity, message: string, urn?: string): void {
    const diagnostic: Diagnostic = {
      severity,
      // The SDK colours stack traces; colours would also cut secrets in two.
      message: this.options.masker.mask(stripVTControlCharacters(message)),
      ...(urn === undefined || urn === "" ? {} : { urn }),
    };
    if (severity === "error") this.failed = true;
    if (severity === "error" && !this.refused.has(urn ?? "")) this.otherErrors = true;
    if (severity !== "debug") this.diagnostics.push(diagnostic);
    this.emit({ kind: "diagnostic", diagnostic });
  }

  /** What a provider is told about the resource it works on. */
  context(urn: string, type: string, timeouts: Timeouts, step?: keyof Timeouts): ResourceContext {
    const timeout = step === undefined ? undefined : timeouts[step];
    return {
      urn,
      type,
      preview: this.preview,
      ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
      signal: this.scheduler.signal,
      log: (severity, message) => {
        const masked = this.options.masker.mask(message);
        if (severity === "warning" || severity === "error") this.diagnose("warning", message, urn);
        this.emit({ kind: "step-progress", urn, severity, message: masked });
      },
    };
  }

  /** A preview that went through, but for what it refuses. */
  get onlyRefused(): boolean {
    return this.preview && !this.otherErrors && this.refused.size > 0;
  }

  /** The provider of an entry. */
  provider(entry: { readonly provider: string }): Promise<Provider> {
    return this.options.providers.get(entry.provider);
  }

  /** Runs one step within the limits, with its events. @throws what the step throws, after it was reported. */
  async step<T>(urn: string, op: Operation, work: () => Promise<T>): Promise<T> {
    return this.scheduler.run(async () => {
      const started = performance.now();
      this.emit({ kind: "step-started", urn, op });
      try {
        const value = await work();
        this.emit({ kind: "step-done", urn, op, durationMs: performance.now() - started });
        return value;
      } catch (error) {
        const message = this.options.masker.mask(messageOf(error));
        this.emit({ kind: "step-failed", urn, op, durationMs: performance.now() - started, message });
        this.endAfterError();
        throw error;
      }
    });
  }

  /**
   * Refuses to touch a protected resource. A preview goes on, so that it finds all of them.
   * @throws Error outside a preview.
   */
  refuse(urn: string, reason: string): void {
    if (!this.preview) throw new Error(reason);
    if (this.refused.has(urn)) return;
    this.refused.set(urn, reason);
    this.diagnose("error", reason, urn);
  }

  /** Keeps what happened to a resource; a later record of the same URN counts, but a "replace" is not undone by its delete. */
  record(entry: Entry, record: StepRecord): void {
    if (entry.hidden) return;
    const existing = this.results.get(entry.urn);
    if (entry.condemned && existing !== undefined && record.status === "done") return;
    const reason = record.error ?? this.refused.get(entry.urn);
    const error = reason === undefined ? undefined : this.options.masker.mask(reason);
    this.results.set(entry.urn, {
      urn: entry.urn,
      type: entry.type,
      name: parseUrn(entry.urn).name,
      op: record.op,
      status: this.refused.has(entry.urn) ? "failed" : record.status,
      id: entry.id,
      parent: entry.parent,
      inputs: toMaskedMap(entry.inputs),
      dependencies: entry.dependencies,
      propertyDependencies: entry.propertyDependencies,
      protect: entry.protect,
      retainOnDelete: entry.retainOnDelete,
      deletedWith: entry.deletedWith,
      ...this.hooksAround(entry.urn),
      diff: record.diff ?? [],
      ...(record.replaceKeys === undefined ? {} : { replaceKeys: record.replaceKeys }),
      ...(error === undefined ? {} : { error }),
    });
  }

  private hooksAround(urn: string): Pick<ResourceResult, "hooks"> {
    const { beforeUpdate = [], afterUpdate = [] } = this.registered.get(urn)?.hooks ?? {};
    return beforeUpdate.length === 0 || afterUpdate.length === 0 ? {} : { hooks: [...beforeUpdate, ...afterUpdate] };
  }

  /** Keeps what a component says of itself; it comes after the component's own step. */
  recordOutputs(urn: string, outputs: PropertyMap, before: PropertyMap): void {
    const result = this.results.get(urn);
    if (result === undefined) return;
    const had = Object.keys(before).length > 0 ? { outputsBefore: toMaskedMap(before) } : {};
    this.results.set(urn, { ...result, outputs: toMaskedMap(outputs), ...had });
  }

  /** Records and reports a failed step; a step that the stop kept from beginning is only recorded. */
  fail(entry: Entry, op: Operation, error: unknown, diff?: readonly ShownDifference[]): void {
    const skipped = error instanceof StoppedError;
    this.record(entry, {
      op,
      status: skipped ? "skipped" : "failed",
      error: messageOf(error),
      ...(diff === undefined ? {} : { diff }),
    });
    if (!skipped) this.diagnose("error", messageOf(error), entry.urn);
    this.failed = true;
    if (!skipped) this.endAfterError();
  }

  /** An error ends a run: what has begun ends, nothing new begins. A preview goes on, so that it finds all of them. */
  private endAfterError(): void {
    if (!this.preview && !this.options.continueOnError) this.scheduler.stop();
  }

  resources(): ResourceResult[] {
    return [...this.results.values()];
  }

  summary(): Summary {
    const summary: Summary = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
    for (const { op, status, diff } of this.results.values()) {
      if (status !== "done") continue;
      if (op === "import") summary[diff.length > 0 ? "update" : "same"]++;
      else if (op !== "read" && op !== "refresh") summary[op]++;
    }
    return summary;
  }
}

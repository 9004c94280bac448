import { diffProperties, show, type ShownDifference } from "@standin/pulumi-engine/diff";
import type {
  Diagnostic,
  EngineEvent,
  Operation,
  ResourceResult,
  Severity,
  Summary,
} from "@standin/pulumi-engine/events";
import { UNKNOWN } from "@standin/pulumi-engine/provider";
import {
  hasSecret,
  MASK,
  Secret,
  toMaskedMap,
  type EngineValue,
  type PropertyMap,
} from "@standin/pulumi-engine/values";
import { withoutColors, type CliDiagnostic, type CliEvent, type CliStep } from "./cliEvents";

/** How the CLI's steps map to ours; the steps of which a replacement is made are left out, it is told of once. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  create: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
  same: "same",
  read: "read",
  import: "import",
  refresh: "refresh",
};

/** How the CLI writes a value that is not known yet. */
const UNKNOWN_MARKER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A secret in a single-line document: either the mask itself, or this envelope around it. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Bookkeeping of bridged providers and of provider resources, no input of the program. */
const BOOKKEEPING = ["__defaults", "__internal"];

interface Begun {
  readonly result: ResourceResult;
  readonly since: number;
}

/** Gathers what a run of the CLI tells, and passes it on as the embedded engine's events. */
export class CliResults {
  /** Of the preview that comes first, and of the run itself. */
  readonly #planned = new Map<string, Begun>();
  readonly #done = new Map<string, Begun>();
  readonly #errors = new Map<string, string[]>();
  #runs = false;

  constructor(
    readonly command: "up" | "preview" | "destroy",
    readonly onEvent: (event: EngineEvent) => void,
  ) {}

  take(event: CliEvent): void {
    if (event.summaryEvent?.isPreview === true) this.#runs = false;
    if (event.resourcePreEvent !== undefined)
      this.#begin(event.resourcePreEvent.metadata, event.resourcePreEvent.planning);
    if (event.resOutputsEvent !== undefined)
      this.#end(event.resOutputsEvent.metadata, event.resOutputsEvent.planning, "done");
    if (event.resOpFailedEvent !== undefined)
      this.#end(event.resOpFailedEvent.metadata, event.resOpFailedEvent.planning, "failed");
    if (event.diagnosticEvent !== undefined) this.#diagnose(event.diagnosticEvent);
    // The pack's advice stands in the verdict, which a rehearsal shows whole.
    if (event.policyEvent?.enforcementLevel === "mandatory") {
      const { message, resourceUrn } = event.policyEvent;
      this.#diagnose({ severity: "error", message, ...(resourceUrn === undefined ? {} : { urn: resourceUrn }) });
    }
  }

  /** What happened, or would; of a run that its preview has refused, what is refused: the rest has not happened. */
  resources(): ResourceResult[] {
    const told = [...(this.#runs ? this.#done : this.#planned).values()].map(({ result }) => {
      const errors = this.#errors.get(result.urn);
      return errors === undefined ? result : { ...result, status: "failed" as const, error: errors.join("\n") };
    });
    const refused = this.command !== "preview" && !this.#runs;
    const all = refused ? told.filter(({ status }) => status === "failed") : told;
    return all.sort((a, b) => (a.urn < b.urn ? -1 : 1));
  }

  /** Errors that belong to no resource of `resources()`. */
  errors(): string[] {
    const known = new Set(this.resources().map(({ urn }) => urn));
    return [...this.#errors].filter(([urn]) => !known.has(urn)).flatMap(([, messages]) => messages);
  }

  summary(): Summary {
    const summary: Summary = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
    for (const { op, status, diff } of this.resources()) {
      if (status !== "done") continue;
      if (op === "import") summary[diff.length > 0 ? "update" : "same"]++;
      else if (op !== "read" && op !== "refresh") summary[op]++;
    }
    return summary;
  }

  #begin(step: CliStep, planning = false): void {
    const op = OPERATIONS[step.op];
    if (op === undefined || isDefaultProvider(step)) return;
    if (!planning) this.#runs = true;
    const error = "was under way when the run ended";
    const begun: Begun = { result: { ...resultOf(step, op), status: "failed", error }, since: performance.now() };
    (planning ? this.#planned : this.#done).set(step.urn, begun);
    if (!planning) this.onEvent({ kind: "step-started", urn: step.urn, op });
  }

  #end(step: CliStep, planning = false, status: "done" | "failed"): void {
    const results = planning ? this.#planned : this.#done;
    const begun = results.get(step.urn);
    const op = OPERATIONS[step.op];
    // A component's outputs come as another event of the same step; what was replaced is also deleted.
    if (op === undefined || begun === undefined || begun.result.op !== op) return;
    const error = status === "failed" ? { error: "failed without a reason given" } : {};
    const wasOpen = begun.result.error !== undefined;
    results.set(step.urn, { ...begun, result: { ...resultOf(step, op), status, ...error } });
    if (planning || !wasOpen) return;
    const durationMs = performance.now() - begun.since;
    if (status === "done") this.onEvent({ kind: "step-done", urn: step.urn, op, durationMs });
    else {
      const message = this.#errors.get(step.urn)?.join("\n") ?? "no reason given";
      this.onEvent({ kind: "step-failed", urn: step.urn, op, durationMs, message });
    }
  }

  #diagnose({ severity, message, urn, ephemeral }: CliDiagnostic): void {
    const text = withoutColors(message);
    if (text.trim() === "") return;
    const level = severityOf(severity);
    if (urn !== undefined && ephemeral === true) {
      this.onEvent({ kind: "step-progress", urn, message: text, severity: "info" });
      return;
    }
    if (level === "error") {
      const key = urn ?? "";
      const before = this.#errors.get(key) ?? [];
      if (before.includes(text)) return;
      this.#errors.set(key, [...before, text]);
    }
    const diagnostic: Diagnostic = { severity: level, message: text, ...(urn === undefined ? {} : { urn }) };
    this.onEvent({ kind: "diagnostic", diagnostic });
  }
}

function severityOf(severity: string): Severity {
  if (severity === "error" || severity === "warning" || severity === "debug") return severity;
  return "info";
}

/** Default providers are the CLI's own; an explicit one is a resource of the program. */
function isDefaultProvider({ type, urn }: CliStep): boolean {
  return type.startsWith("pulumi:providers:") && (urn.split("::").at(-1) ?? "").startsWith("default");
}

function resultOf(step: CliStep, op: Operation): ResourceResult {
  const state = step.new ?? step.old;
  const replaceKeys = op === "replace" ? (step.keys ?? []) : [];
  return {
    urn: step.urn,
    type: step.type,
    name: step.urn.split("::").slice(3).join("::"),
    op,
    status: "done",
    id: state?.id ?? "",
    parent: state?.parent ?? "",
    inputs: toMaskedMap(propertiesOf(state?.inputs)),
    ...(state?.custom === false ? componentOutputs(step) : {}),
    dependencies: [],
    protect: state?.protect ?? false,
    retainOnDelete: state?.retainOnDelete ?? false,
    deletedWith: "",
    diff: op === "update" || op === "replace" || op === "import" ? differences(step) : [],
    ...(replaceKeys.length === 0 ? {} : { replaceKeys }),
  };
}

/** What a component says of itself, now and before. */
function componentOutputs(step: CliStep): Pick<ResourceResult, "outputs" | "outputsBefore"> {
  const [now, before] = [step.new?.outputs, step.old?.outputs].map(
    (outputs) => outputs && toMaskedMap(propertiesOf(outputs)),
  );
  return { ...(now === undefined ? {} : { outputs: now }), ...(before === undefined ? {} : { outputsBefore: before }) };
}

/** Inputs field by field; of a secret that changed both sides look the same, so the provider's word counts as well. */
function differences(step: CliStep): ShownDifference[] {
  const [before, after] = [propertiesOf(step.old?.inputs), propertiesOf(step.new?.inputs)];
  const shown = diffProperties(before, after).map(show);
  // Only the first key of a path: that is where the inputs' secrets are told from what is no input at all.
  const told = [...Object.keys(step.detailedDiff ?? {}), ...(step.diffs ?? [])].map(
    (path) => /^[^.[]+/.exec(path)?.[0] ?? path,
  );
  const changed = [...new Set(told)].filter(
    (key) =>
      (before[key] !== undefined && hasSecret(before[key])) || (after[key] !== undefined && hasSecret(after[key])),
  );
  const missing = changed.filter(
    (key) => !shown.some(({ path }) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`)),
  );
  return [...shown, ...missing.map((path) => ({ path, before: MASK, after: MASK }))];
}

function propertiesOf(inputs: Readonly<Record<string, unknown>> | undefined): PropertyMap {
  return Object.fromEntries(
    Object.entries(inputs ?? {})
      .filter(([key]) => !BOOKKEEPING.includes(key))
      .map(([key, value]) => [key, valueOf(value)]),
  );
}

function valueOf(value: unknown): EngineValue {
  if (value === UNKNOWN_MARKER) return UNKNOWN;
  if (value === MASK) return new Secret(null);
  if (Array.isArray(value)) return value.map(valueOf);
  if (typeof value === "object" && value !== null) {
    return SIGNATURE in value ? new Secret(null) : propertiesOf(value as Record<string, unknown>);
  }
  return value as EngineValue;
}

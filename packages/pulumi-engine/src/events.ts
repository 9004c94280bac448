import type { ShownDifference } from "./diff";

/** What happens to a resource in a run. "read": looked up, not managed; "import": adopted. */
export type Operation = "create" | "update" | "replace" | "delete" | "same" | "read" | "import" | "refresh";
export type Severity = "debug" | "info" | "warning" | "error";

/** A message of the program, a provider or the engine; secrets are masked. */
export interface Diagnostic {
  readonly severity: Severity;
  readonly message: string;
  /** The resource it is about, if it is about one. */
  readonly urn?: string;
}

/** Counts of resources by what happened (preview: would happen) to them. Default providers are not counted. */
export interface Summary {
  create: number;
  update: number;
  replace: number;
  delete: number;
  same: number;
}

/** One resource of the result. */
export interface ResourceResult {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly op: Operation;
  /** "failed": tried, or refused; "skipped": not begun because the run was stopped or something it needs failed. */
  readonly status: "done" | "failed" | "skipped";
  readonly id: string;
  readonly parent: string;
  /** Secrets as "[secret]", unknowns as "[unknown]". */
  readonly inputs: { readonly [key: string]: unknown };
  /** Of a component, masked in the same way. Default: it has none, or the provider's are no one's business. */
  readonly outputs?: { readonly [key: string]: unknown };
  /** A component's outputs before this run. Default: it had none, or is no component. */
  readonly outputsBefore?: { readonly [key: string]: unknown };
  readonly dependencies: readonly string[];
  /** By input: what its value comes from. Default: not told. */
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deletedWith: string;
  /** Names of the program's hooks around its update, where there are some before and some after it. Default: none. */
  readonly hooks?: readonly string[];
  /** The differences between the inputs before and after, field by field. */
  readonly diff: readonly ShownDifference[];
  /** The paths that made it a replacement. */
  readonly replaceKeys?: readonly string[];
  readonly error?: string;
}

/** For a progress display. Every "step-started" is followed by one "step-done" or "step-failed" of the same URN. */
export type EngineEvent =
  | { readonly kind: "step-started"; readonly urn: string; readonly op: Operation }
  | { readonly kind: "step-progress"; readonly urn: string; readonly message: string; readonly severity: Severity }
  | { readonly kind: "step-done"; readonly urn: string; readonly op: Operation; readonly durationMs: number }
  | {
      readonly kind: "step-failed";
      readonly urn: string;
      readonly op: Operation;
      readonly durationMs: number;
      readonly message: string;
    }
  | { readonly kind: "diagnostic"; readonly diagnostic: Diagnostic }
  | { readonly kind: "summary"; readonly summary: Summary; readonly ok: boolean; readonly durationMs: number };

// The Pulumi CLI's events, one JSON document a line (`pulumi up --json`): sdk/go/common/apitype/events.go.

/** A resource as an event shows it; secrets are "[secret]". */
export interface CliResource {
  readonly id?: string;
  readonly parent?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** False of a component. */
  readonly custom?: boolean;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

/** One step on one resource. */
export interface CliStep {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly old?: CliResource | null;
  readonly new?: CliResource | null;
  /** Keys that make it a replacement. */
  readonly keys?: readonly string[] | null;
  /** Top-level keys that differ; all there is where a provider gives no detailed diff. */
  readonly diffs?: readonly string[] | null;
  readonly detailedDiff?: Readonly<Record<string, { readonly diffKind: string }>> | null;
}

interface CliStepEvent {
  readonly metadata: CliStep;
  /** True in the preview that comes before an update. */
  readonly planning?: boolean;
}

export interface CliDiagnostic {
  readonly severity: string;
  readonly message: string;
  readonly urn?: string;
  /** A status line, overwritten by the next one. */
  readonly ephemeral?: boolean;
}

export interface CliEvent {
  readonly resourcePreEvent?: CliStepEvent;
  readonly resOutputsEvent?: CliStepEvent;
  readonly resOpFailedEvent?: CliStepEvent;
  readonly diagnosticEvent?: CliDiagnostic;
  readonly policyEvent?: { readonly message: string; readonly enforcementLevel: string; readonly resourceUrn?: string };
  readonly summaryEvent?: { readonly isPreview?: boolean };
}

/** undefined for a line that is no event. */
export function parseCliEvent(line: string): CliEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as CliEvent;
  } catch {
    return undefined;
  }
}

/** Without the CLI's colour tags, e.g. "<{%fg 1%}>". */
export function withoutColors(message: string): string {
  return message.replace(/<\{%[^%]*%\}>/g, "").trimEnd();
}

import type { Diagnostic, EngineEvent, ResourceResult, Summary } from "./events";
import type { ProgramStart } from "./program";
import type { ProviderFactory } from "./provider";

/** What to do, with which program, state and providers. */
export interface EngineOptions {
  readonly command: "preview" | "up" | "destroy" | "refresh";
  /** Directory of Pulumi.yaml. */
  readonly projectDir: string;
  /** Default: the name in Pulumi.yaml. */
  readonly project?: string;
  readonly stack: string;
  /** Stack configuration, keys with their namespace ("hcloud:token"), values as Pulumi keeps them (objects as JSON). */
  readonly config: { readonly [key: string]: string };
  /** Keys of `config` whose values are secret. */
  readonly secretConfigKeys: readonly string[];
  readonly stateFile: string;
  /** Encrypts the secrets in the state; must stay the same. */
  readonly passphrase: string;
  /** By package name. */
  readonly providers: { readonly [packageName: string]: ProviderFactory };
  /** Provider calls at once. Default: 16. */
  readonly parallel?: number;
  /** Go on after a failed step with all that does not need it. Default: nothing new begins, as with the Pulumi CLI. */
  readonly continueOnError?: boolean;
  /** Further environment variables for the program. */
  readonly env?: { readonly [key: string]: string };
  /** URNs to touch, "*" for any text; providers and components are always registered. Default: all. */
  readonly targets?: readonly string[];
  onEvent?(event: EngineEvent): void;
  /** First abort: begin nothing new, wait for what runs, keep the state. */
  readonly signal?: AbortSignal;
  /** Second signal: also tell the running provider calls to give up. */
  readonly cancelSignal?: AbortSignal;
  /** destroy: the operator's explicit consent to delete protected resources. Default: false. */
  readonly removeProtected?: boolean;
  /**
   * Judges what is planned, before an up touches anything and at the end of a preview: reasons to refuse it, or none.
   * Asked with the results of a preview of all resources; not asked when there are targets. Default: all is approved.
   */
  approve?(planned: readonly ResourceResult[]): readonly string[];
  /** Default: prepared. */
  readonly start?: ProgramStart;
  /** Arguments for the program. */
  readonly programArgs?: readonly string[];
}

/** What a run did, or (preview) would do. */
export interface EngineResult {
  /** False after any error, refusal or stop. */
  readonly ok: boolean;
  readonly summary: Summary;
  readonly resources: readonly ResourceResult[];
  /** Stack outputs, secrets as "[secret]". */
  readonly outputs: { readonly [name: string]: unknown };
  /** Stack outputs in the clear, for what must use them (a kubeconfig); a function, so that printing a result cannot show them. */
  secretOutputs(): { readonly [name: string]: unknown };
  readonly diagnostics: readonly Diagnostic[];
  readonly durationMs: number;
}

// More than cores: provider calls wait for the network, not for the processor.
export const DEFAULT_PARALLEL = 16;

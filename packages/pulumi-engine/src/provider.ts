/**
 * What the embedded engine asks of a provider. A subset of Pulumi's provider protocol
 * (pulumi/pulumi proto/pulumi/provider.proto), in process and without gRPC.
 * Values are plain JSON, or UNKNOWN in a preview. Secrets arrive unwrapped; the engine wraps again every
 * output whose top-level name was secret among the inputs, those of `secretOutputs`, and additionalSecretOutputs.
 */
export const UNKNOWN: unique symbol = Symbol.for("standin.unknown");
export type Value =
  null | boolean | number | string | typeof UNKNOWN | readonly Value[] | { readonly [key: string]: Value };
export type Properties = { readonly [key: string]: Value };

export interface ResourceContext {
  readonly urn: string;
  /** Type token, e.g. "hcloud:index/server:Server". */
  readonly type: string;
  /** True in a preview: nothing may be changed anywhere, inputs may hold UNKNOWN. */
  readonly preview: boolean;
  /** customTimeouts, or undefined for the provider's default. */
  readonly timeoutSeconds?: number;
  readonly signal: AbortSignal;
  log(severity: "debug" | "info" | "warning" | "error", message: string): void;
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface ResourceState {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** One thing that is to change. */
export interface PropertyChange {
  /** E.g. "image" or "spec.replicas". */
  readonly path: string;
  readonly kind: "add" | "update" | "delete";
  /** The resource has to be replaced for it. */
  readonly replace: boolean;
}

export interface DiffResult {
  /** None: nothing has to happen, whatever the inputs look like. */
  readonly changes: readonly PropertyChange[];
  /** For a replacement. Default false: create the new one first. */
  readonly deleteBeforeReplace?: boolean;
}

/**
 * Thrown by create or update when the resource exists, but is not (yet) what was asked for. It is kept in the state, and
 * the next run updates it, also without a difference. After any other error of an update the state stays as it was;
 * after any other error of a create the resource is not in the state, whatever there is.
 */
export class PartialFailure extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly outputs: Properties,
    /** What counts as its inputs from now on. Default: those that were asked for. */
    readonly inputs?: Properties,
  ) {
    super(message);
    this.name = "PartialFailure";
  }
}

export interface Provider {
  /** Pulumi package name, e.g. "hcloud". */
  readonly name: string;
  /** Names of outputs of this type that are always secret, e.g. random password's "result". */
  secretOutputs(type: string): readonly string[];
  /**
   * Fills defaults (auto-names included, from previous inputs where there are any) and lists every mistake.
   * @param olds undefined for what is made anew, a replacement as well
   */
  check(
    ctx: ResourceContext,
    news: Properties,
    olds: Properties | undefined,
  ): Promise<{ readonly inputs: Properties; readonly failures: readonly CheckFailure[] }>;
  /** What would have to change. Asked every time; only the provider knows what counts. */
  diff(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<DiffResult>;
  /** In a preview returns what is known of the outputs, UNKNOWN for the rest, and the id "". */
  create(ctx: ResourceContext, inputs: Properties): Promise<{ readonly id: string; readonly outputs: Properties }>;
  update(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<Properties>;
  /** A resource that is already gone is no error. */
  delete(ctx: ResourceContext, old: ResourceState): Promise<void>;
  /** Undefined: there is none. Serves `import`, refresh and Foo.get. */
  read(ctx: ResourceContext, id: string, last: ResourceState | undefined): Promise<ResourceState | undefined>;
  /**
   * A create was cut off (kill -9) after it may have reached the cloud. Finds what it left, by whatever
   * makes the resource unique there. Undefined: it left nothing, create again.
   */
  recover(
    ctx: ResourceContext,
    inputs: Properties,
  ): Promise<{ readonly id: string; readonly outputs: Properties } | undefined>;
  invoke(token: string, args: Properties): Promise<Properties>;
  close(): Promise<void>;
}

/** Makes a provider from the resolved inputs of a provider resource (pulumi:providers:x) or of the default one. */
export type ProviderFactory = ((config: Properties) => Promise<Provider>) & {
  /** It takes UNKNOWN among them in a preview, and then asks nobody. Default: it is given what the state knows instead. */
  readonly takesUnknown?: true;
  /** Why a change of its configuration replaces all that was made with it. Default: it never does. */
  readonly replacedBy?: (olds: Properties, news: Properties) => string | undefined;
};

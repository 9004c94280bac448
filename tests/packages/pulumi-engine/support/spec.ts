/** What programs/declared registers. */
export interface Spec {
  readonly resources: readonly Declared[];
  readonly outputs?: { readonly [name: string]: unknown };
  /** The program throws this at its end. */
  readonly throws?: string;
}

export interface Declared {
  readonly name: string;
  /** "component", "provider" (of package fake), or a type token. Default: fake:index:Thing. */
  readonly kind?: string;
  readonly inputs?: { readonly [key: string]: unknown };
  readonly options?: {
    readonly parent?: string;
    readonly dependsOn?: readonly string[];
    readonly deletedWith?: string;
    readonly replaceWith?: readonly string[];
    readonly provider?: string;
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    readonly deleteBeforeReplace?: boolean;
    readonly ignoreChanges?: string[];
    readonly replaceOnChanges?: string[];
    readonly additionalSecretOutputs?: string[];
    readonly aliases?: (string | { readonly name?: string; readonly type?: string })[];
    readonly import?: string;
    readonly id?: string;
    readonly replacementTrigger?: unknown;
    readonly customTimeouts?: { readonly create?: string; readonly update?: string; readonly delete?: string };
  };
}

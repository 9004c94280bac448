import type { Timeline } from "../../verifier/change/timeline";

// What a change does, in no renderer's words: texts for people in it are plain, and none holds a secret.

/** What a row of the table is about. The order is that of importance: what costs most if it is overlooked comes first. */
export const EFFECT_KINDS = [
  "refused",
  "unsafe",
  "fails",
  "data",
  "deleted",
  "replaced",
  "poweredOff",
  "exposed",
  "opened",
  "closed",
  "restarts",
  "waits",
  "route",
  "risk",
  "secret",
  "created",
  "rollsOut",
  "scales",
  "reloads",
  "mended",
] as const;
export type EffectKind = (typeof EFFECT_KINDS)[number];

/** One thing that changes for somebody. */
export interface Effect {
  readonly kind: EffectKind;
  /** Who or what it happens to. */
  readonly subject: string;
  /** The same for a sentence, where `subject` has many names. Default: `subject`. */
  readonly brief?: string;
  /** To how many it happens, where that is told in one row. Default: 1. */
  readonly many?: number;
  readonly what: string;
  /** What brings it about: filters, files, fields. */
  readonly by: readonly string[];
  /** The subject itself is new, or gone. Default: it is in both. */
  readonly party?: "new" | "gone";
}

/** One field that is different. Paths are as in the program: `rules[0].port`, `files["/etc/hosts"]`. */
export type FieldChange = { readonly path: string } & (
  | { readonly kind: "value"; readonly before: string | undefined; readonly after: string | undefined }
  /** A list whose order means nothing. */
  | { readonly kind: "set"; readonly removed: readonly string[]; readonly added: readonly string[] }
  /** A text of lines: hunks of a unified diff, with three lines around each change. */
  | { readonly kind: "lines"; readonly hunks: readonly (readonly string[])[] }
  /** A secret: that it is new, gone or another one is all that is said. */
  | { readonly kind: "secret"; readonly now: "new" | "gone" | "other" }
);

/** "state": only what the state says of it is another thing: its URN, its protection. */
export type Operation = "delete" | "replace" | "update" | "create" | "state";

/** Resources to which the same happens. */
export interface ChangeGroup {
  readonly operation: Operation;
  /** Type token. */
  readonly type: string;
  /** Logical names. */
  readonly names: readonly string[];
  readonly changes: readonly FieldChange[];
  /** Why it is replaced: fields, or the resource that it goes with. */
  readonly because: readonly string[];
}

export interface EstateDiff {
  readonly stack: string;
  /** What is compared, e.g. "origin/main (3f2a9c1)". */
  readonly base: string;
  readonly head: string;
  readonly sentence: string;
  /** What happens while it is carried out, in order. */
  readonly timeline: Timeline;
  /** What a month costs, as far as the table of prices knows. */
  readonly cost: { readonly before: string; readonly after: string; readonly change: string; readonly asOf: string };
  /** By importance. */
  readonly effects: readonly Effect[];
  /** Resources by what happens to them. */
  readonly counts: Readonly<Record<Operation | "same", number>>;
  /** By importance. */
  readonly groups: readonly ChangeGroup[];
}

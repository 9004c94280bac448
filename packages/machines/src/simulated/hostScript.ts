import type { TakenKey } from "./logins";

/** What a program's script puts on its host, as that program's own reader says. Paths are absolute, modes octal without leading zeros. */
export interface HostScript {
  readonly host: string;
  /** Of the script; equal scripts have equal hashes. */
  readonly hash: string;
  readonly packages: readonly { readonly name: string; readonly version: string | undefined }[];
  readonly groups: readonly { readonly name: string }[];
  readonly users: readonly { readonly name: string }[];
  readonly directories: readonly {
    readonly path: string;
    readonly mode: string;
    readonly owner: string;
    readonly group: string;
  }[];
  /** All that the program keeps on this host: what an earlier script brought and this one does not is removed. */
  readonly files: readonly HostFile[];
  readonly binaries: readonly { readonly path: string; readonly sha256: string }[];
  readonly sysctl: Readonly<Record<string, string>>;
  /** All that the program keeps: see files. */
  readonly units: readonly {
    readonly name: string;
    readonly enabled: boolean;
    readonly state: "running" | "stopped" | "onDemand";
    /** The script begins it, and goes on before it has started. Default: it waits. */
    readonly begun?: boolean;
  }[];
  /** Done once (with `unless`), or whenever a change left the marker "step:ID" (without). */
  readonly steps: readonly { readonly id: string; readonly unless: string | undefined }[];
  readonly checks: readonly { readonly id: string }[];
  /** What it does with apt, in its order. Default: nothing that could go wrong. */
  readonly apt?: readonly AptCall[];
}

export type AptCall =
  /** One of its files is written. */
  | { readonly kind: "file"; readonly path: string }
  /** A key is fetched, and is there from now on. */
  | { readonly kind: "key"; readonly path: string; readonly fingerprint: string }
  /** A source goes where its key is not there. */
  | { readonly kind: "aside"; readonly path: string; readonly key: string }
  /** The lists are fetched: each source must have its key by now. */
  | { readonly kind: "update" };

export interface HostFile {
  readonly path: string;
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  /** Its content is never shown, neither in messages nor in the history. */
  readonly secret: boolean;
  readonly content: string;
  /** What its change causes: "reload:UNIT", "restart:UNIT", "step:ID". */
  readonly markers: readonly string[];
}

/** How the scripts that a program sends to its hosts are understood. Their text is that program's own affair. */
export interface HostScripts {
  /**
   * What a script is that comes packed into another: the same text where none does. Default: none does.
   * @throws Error where it is damaged.
   */
  unpack?(script: string): string;
  /**
   * What a script puts on its host. Undefined: some other script, whose syntax is checked and no more.
   * @throws Error where it is one of the program's and cannot be read: it was cut off or changed.
   */
  read(script: string): HostScript | undefined;
  /** The key that an account takes by a script that is none of those, where it does. Default: none does. */
  takenKey?(script: string): TakenKey | undefined;
  /** Units that such another script waits for until they have started on its host. Default: none. */
  awaits?(script: string): readonly string[];
  /** A line as the script itself would print it. Default: "host NAME: TEXT". */
  line?(host: string, text: string): string;
  /** What it shows of its changes on a machine where none has run to its end yet. Default: a line for each, as later. */
  first?(changes: number): string;
}

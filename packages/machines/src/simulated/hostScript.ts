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
  }[];
  /** Done once (with `unless`), or whenever a change left the marker "step:ID" (without). */
  readonly steps: readonly { readonly id: string; readonly unless: string | undefined }[];
  readonly checks: readonly { readonly id: string }[];
}

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
   * What a script puts on its host. Undefined: some other script, whose syntax is checked and no more.
   * @throws Error where it is one of the program's and cannot be read: it was cut off or changed.
   */
  read(script: string): HostScript | undefined;
  /** A line as the script itself would print it. Default: "host NAME: TEXT". */
  line?(host: string, text: string): string;
}

import { unpackScript } from "./packScript";
import { HEREDOC, SCRIPT_FORMAT } from "./render";
import { shellWords } from "./shellQuote";

/** What a host script carries, read back from its text alone. */
export interface ParsedScript {
  readonly host: string;
  readonly hash: string;
  readonly packages: readonly { readonly name: string; readonly version: string | undefined }[];
  readonly groups: readonly { readonly name: string; readonly gid: number | undefined }[];
  readonly users: readonly {
    readonly name: string;
    readonly uid: number | undefined;
    readonly groups: readonly string[];
  }[];
  readonly directories: readonly {
    readonly path: string;
    readonly mode: string;
    readonly owner: string;
    readonly group: string;
  }[];
  readonly files: readonly ParsedFile[];
  readonly binaries: readonly {
    readonly path: string;
    readonly url: string;
    readonly sha256: string;
    /** As a file's. */
    readonly markers: readonly string[];
  }[];
  readonly kernelModules: readonly string[];
  readonly sysctl: Readonly<Record<string, string>>;
  readonly units: readonly {
    readonly name: string;
    readonly enabled: boolean;
    readonly state: "running" | "stopped" | "onDemand";
    /** Begun, and not waited for. */
    readonly begun: boolean;
  }[];
  readonly steps: readonly {
    readonly id: string;
    readonly unless: string | undefined;
    readonly run: string;
    readonly secret: boolean;
  }[];
  readonly checks: readonly { readonly id: string; readonly command: string; readonly remedy: string }[];
  /** Keys fetched by URL, and their fingerprints. */
  readonly aptKeys: readonly { readonly path: string; readonly url: string; readonly fingerprint: string }[];
  /** What it does with apt, in its order. */
  readonly apt: readonly AptCall[];
}

export type AptCall =
  /** A file below /etc/apt is written. */
  | { readonly kind: "file"; readonly path: string }
  /** A key is there from now on. */
  | { readonly kind: "key"; readonly path: string; readonly fingerprint: string }
  /** A source goes where its key is not there. */
  | { readonly kind: "aside"; readonly path: string; readonly key: string }
  /** The lists are fetched. */
  | { readonly kind: "update" };

export interface ParsedFile {
  readonly path: string;
  /** Octal without leading zeros, e.g. "644". */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  readonly secret: boolean;
  readonly content: string;
  readonly validate: string | undefined;
  /** What its change causes, e.g. "reload:haproxy.service". */
  readonly markers: readonly string[];
}

interface Call {
  readonly line: number;
  readonly name: string;
  readonly words: readonly string[];
  readonly input: readonly string[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/**
 * The inverse of `renderScript` and `packScript`, for checks: the files, units and packages that a script will put on a host.
 *
 * @throws Error when the text is not such a script, or a packed one is damaged.
 */
export function parseScript(script: string): ParsedScript {
  const lines = unpackScript(script).split("\n");
  if (lines[1] !== SCRIPT_FORMAT)
    throw new Error(`parseScript: line 2 is not "${SCRIPT_FORMAT}"; only scripts of renderScript can be read`);
  const parsed: Mutable<ParsedScript> & { sysctl: Record<string, string> } = {
    host: "", hash: "", packages: [], groups: [], users: [], directories: [], files: [], binaries: [],
    kernelModules: [], sysctl: {}, units: [], steps: [], checks: [], aptKeys: [], apt: [],
  }; // prettier-ignore
  const kept = new Map<string, string>();
  for (const one of calls(lines)) read(parsed, kept, one);
  if (parsed.host === "") throw new Error("parseScript: the script has no kb_begin; it was cut off or changed");
  return parsed;
}

function* calls(lines: readonly string[]): Generator<Call> {
  const start = lines.indexOf("main() {");
  const end = lines.lastIndexOf("}");
  if (start < 0 || end < start || lines[end + 1] !== 'main "$@" </dev/null') {
    throw new Error("parseScript: the script has no whole main function; it was cut off or changed");
  }
  const opening = new RegExp(` <<'(${HEREDOC}_*)'$`);
  for (let index = start + 1; index < end; index += 1) {
    const text = lines[index] ?? "";
    const line = index + 1;
    const input: string[] = [];
    const [suffix = "", word] = opening.exec(text) ?? [];
    if (word !== undefined) {
      for (index += 1; lines[index] !== word; index += 1) {
        if (index >= end) throw new Error(`parseScript: line ${line}: its here-document has no end`);
        input.push(lines[index] ?? "");
      }
    }
    const [name = "", ...words] = shellWords(text.slice(0, text.length - suffix.length));
    yield { line, name, words, input };
  }
}

function read(
  parsed: Mutable<ParsedScript> & { sysctl: Record<string, string> },
  kept: Map<string, string>,
  one: Call,
): void {
  const word = (index: number): string => {
    const value = one.words[index];
    if (value === undefined) throw new Error(`parseScript: line ${one.line}: ${one.name} lacks argument ${index + 1}`);
    return value;
  };
  const optional = (index: number): string | undefined => (word(index) === "" ? undefined : word(index));
  const number = (index: number): number | undefined => (word(index) === "" ? undefined : Number(word(index)));
  const list = (text: string, separator: string): string[] => text.split(separator).filter((item) => item !== "");
  switch (one.name) {
    case "kb_begin":
      parsed.host = word(0);
      parsed.hash = word(1);
      return;
    case "kb_keep":
      kept.set(
        word(0),
        one.input
          .join("\n")
          .replace(/^set -euo pipefail\n/, "")
          .replace(/\n$/, ""),
      );
      return;
    case "kb_package":
      parsed.packages.push({ name: word(0), version: optional(1) });
      return;
    case "kb_apt_key":
      parsed.aptKeys.push({ path: word(0), url: word(1), fingerprint: word(2) });
      parsed.apt.push({ kind: "key", path: word(0), fingerprint: word(2) });
      return;
    case "kb_group":
      parsed.groups.push({ name: word(0), gid: number(1) });
      return;
    case "kb_user":
      parsed.users.push({ name: word(0), uid: number(1), groups: list(word(3), ",") });
      return;
    case "kb_directory":
      parsed.directories.push({ path: word(0), mode: word(1), owner: word(2), group: word(3) });
      return;
    case "kb_file":
      if (word(0).startsWith("/etc/apt/")) parsed.apt.push({ kind: "file", path: word(0) });
      parsed.files.push({
        path: word(0), mode: word(1), owner: word(2), group: word(3), secret: word(4) === "secret",
        content: one.input.join("\n"), validate: optional(5), markers: list(word(6), " "),
      }); // prettier-ignore
      return;
    case "kb_binary":
      parsed.binaries.push({ path: word(0), url: word(2), sha256: word(3), markers: list(word(5), " ") });
      return;
    case "kb_module":
      parsed.kernelModules.push(word(0));
      return;
    case "kb_sysctl":
      parsed.sysctl[word(0)] = word(1);
      return;
    case "kb_unit": {
      const state = word(2);
      if (state !== "running" && state !== "stopped" && state !== "onDemand")
        throw new Error(`parseScript: line ${one.line}: unknown unit state`);
      parsed.units.push({ name: word(0), enabled: word(1) === "enabled", state, begun: one.words[3] === "begun" });
      return;
    }
    case "kb_step":
      parsed.steps.push({
        id: word(0),
        unless: word(1) === "unless" ? kept.get("unless") : undefined,
        run: kept.get("run") ?? "",
        secret: word(2) === "secret",
      });
      return;
    case "kb_check":
      parsed.checks.push({ id: word(0), command: kept.get("check") ?? "", remedy: word(3) });
      return;
    case "kb_apt_aside":
      parsed.apt.push({ kind: "aside", path: word(0), key: word(1) });
      return;
    case "kb_install_packages":
      parsed.apt.push({ kind: "update" });
      return;
    case "kb_drop":
    case "kb_put_validated":
    case "kb_daemon_reload":
    case "kb_end":
      return;
    default:
      throw new Error(`parseScript: line ${one.line}: unknown command; only scripts of renderScript can be read`);
  }
}

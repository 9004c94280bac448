import { createHash } from "node:crypto";
import type { HostPlan } from "./hostPlan";
import { renderScript } from "./render";
import { GIVEN } from "./shellScript";

/**
 * What a host's script will put on it, readable: the script itself travels as a secret, because it carries some. All
 * texts are those of the plan, with placeholders where the secrets go (docs/decisions/0006).
 */
export interface HostView {
  readonly host: string;
  /** Private IPv4 address. */
  readonly address: string;
  readonly group: string;
  /** Of the script with placeholders; the command that applies the host's configuration carries its first digits. */
  readonly digest: string;
  /** Content by path; of a script of the program's own, what it is given, and the sum of the rest. */
  readonly files: Readonly<Record<string, string>>;
  readonly units: Readonly<Record<string, UnitView>>;
  readonly sysctl: Readonly<Record<string, string>>;
}

export interface UnitView {
  readonly enabled: boolean;
  readonly state: "running" | "stopped" | "onDemand";
  /** Unit file, where it is the program's own. */
  readonly content?: string;
}

/** Sorted by key, so that a diff shows what changed and nothing else. */
export function hostView({ name, address, group, config }: HostPlan): HostView {
  return {
    host: name,
    address,
    group,
    digest: renderScript(config).hash,
    files: record(config.files, ({ path, content }) => [path, shown(content)]),
    units: record(config.units, ({ name: unit, enabled, state, content }) => [
      unit,
      { enabled, state, ...(content === undefined ? {} : { content }) },
    ]),
    sysctl: record(config.sysctl, ({ key, value }) => [key, String(value)]),
  };
}

/**
 * A script as the reader of a diff needs it: the text is in the repository, as a file of its own; what differs between
 * hosts stands in its header.
 */
function shown(content: string): string {
  if (!content.startsWith("#!")) return content;
  const lines = content.split("\n");
  const given = lines.indexOf(GIVEN);
  const end = given < 0 ? 1 : lines.indexOf("", given);
  if (end < 0) return content;
  const sum = createHash("sha256").update(content).digest("hex").slice(0, 16);
  return [...lines.slice(0, end), `# ${lines.length - end} more lines; sha256 of the whole: ${sum}`, ""].join("\n");
}

function record<T, V>(items: readonly T[], entry: (item: T) => readonly [string, V]): Readonly<Record<string, V>> {
  return Object.fromEntries(items.map(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
}

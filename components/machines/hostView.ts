import { createHash } from "node:crypto";
import { DIRECTORY_DEFAULTS, FILE_DEFAULTS, type HostConfig, type UnitSpec } from "./hostConfig";
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
  /** Where each comes from, and its checksum, by path. */
  readonly binaries: Readonly<Record<string, string>>;
  readonly units: Readonly<Record<string, UnitView>>;
  readonly sysctl: Readonly<Record<string, string>>;
  /** Owner, group and mode by path, where they are not root's 0644. */
  readonly access: Readonly<Record<string, string>>;
  /** Version by name. */
  readonly packages: Readonly<Record<string, string>>;
  /** Where packages come from, by name: address, suites, components. */
  readonly repositories: Readonly<Record<string, string>>;
  readonly groups: Readonly<Record<string, string>>;
  readonly users: Readonly<Record<string, string>>;
  /** Owner, group and mode by path. */
  readonly directories: Readonly<Record<string, string>>;
}

export interface UnitView {
  readonly enabled: boolean;
  readonly state: "running" | "stopped" | "onDemand";
  /** Unit file, where it is the program's own. */
  readonly content?: string;
  /** Drop-ins by name, where there are any. */
  readonly dropIns?: Readonly<Record<string, string>>;
  /** What restarts it, beside its own file; "/dir/" stands for all below. Default: nothing. */
  readonly restartOn?: readonly string[];
  /** The same for a reload. */
  readonly reloadOn?: readonly string[];
  /** A restart is kept for the turn that the cluster gives it. Absent: it comes at once. */
  readonly inTurn?: true;
}

/** Sorted by key, so that a diff shows what changed and nothing else. */
export function hostView({ name, address, group, config }: HostPlan): HostView {
  return {
    host: name,
    address,
    group,
    digest: renderScript(config).hash,
    files: record(config.files, ({ path, content }) => [path, shown(content)]),
    binaries: record(config.binaries, ({ path, url, sha256 }) => [path, `${url} ${sha256}`]),
    units: record(config.units, (unit) => [unit.name, unitView(unit)]),
    sysctl: record(config.sysctl, ({ key, value }) => [key, String(value)]),
    ...machineView(config),
  };
}

function unitView({ enabled, state, content, dropIns, restartOn, reloadOn, restart }: UnitSpec): UnitView {
  return {
    enabled,
    state,
    ...(content === undefined ? {} : { content }),
    ...(dropIns === undefined ? {} : { dropIns }),
    ...(restartOn === undefined ? {} : { restartOn }),
    ...(reloadOn === undefined ? {} : { reloadOn }),
    ...(restart === "inTurn" ? { inTurn: true } : {}),
  };
}

/** What else the script sees to, in one line each. */
function machineView(
  config: HostConfig,
): Pick<HostView, "access" | "packages" | "repositories" | "groups" | "users" | "directories"> {
  return {
    access: record(
      config.files.map((file) => [file.path, accessOf(file)] as const).filter(([, access]) => access !== PLAIN_ACCESS),
      (entry) => entry,
    ),
    packages: record(config.packages, ({ name, version }) => [name, version ?? "as the archive has it"]),
    repositories: record(config.aptRepositories, ({ name, uri, suites, components }) => [
      name,
      [uri, ...suites, ...components].join(" "),
    ]),
    groups: record(config.groups, ({ name, gid }) => [name, gid === undefined ? "any number" : String(gid)]),
    users: record(config.users, ({ name, uid, group, groups = [], home, shell }) => [
      name,
      [`uid ${uid ?? "any"}`, ...[group ?? name, ...groups].map((one) => `group ${one}`), home, shell]
        .filter((one) => one !== undefined)
        .join(", "),
    ]),
    directories: record(config.directories, (directory) => {
      const { path, owner, group, mode } = { ...DIRECTORY_DEFAULTS, ...directory };
      return [path, `${owner}:${group} ${mode}`];
    }),
  };
}

const PLAIN_ACCESS = `${FILE_DEFAULTS.owner}:${FILE_DEFAULTS.group} ${FILE_DEFAULTS.mode}`;

function accessOf({ owner, group, mode, secret }: HostConfig["files"][number]): string {
  const usual = secret === true ? FILE_DEFAULTS.secretMode : FILE_DEFAULTS.mode;
  return `${owner ?? FILE_DEFAULTS.owner}:${group ?? FILE_DEFAULTS.group} ${mode ?? usual}`;
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

/**
 * What a machine must be, as data. Pure functions of the environment make parts of it (one part per module),
 * `mergeHostConfigs` joins them, `renderScript` turns the whole into one idempotent script.
 *
 * Everything has a key (path, name, id) and is sorted by it, so that a small change makes a small diff.
 */
export interface HostConfig {
  /** Host name; stands in every message that the script prints. */
  readonly host: string;
  readonly aptRepositories: readonly AptRepository[];
  readonly packages: readonly PackageSpec[];
  readonly groups: readonly GroupSpec[];
  readonly users: readonly UserSpec[];
  readonly kernelModules: readonly KernelModuleSpec[];
  readonly sysctl: readonly SysctlSpec[];
  readonly directories: readonly DirectorySpec[];
  readonly files: readonly FileSpec[];
  readonly binaries: readonly BinarySpec[];
  readonly units: readonly UnitSpec[];
  readonly timers: readonly TimerSpec[];
  readonly steps: readonly StepSpec[];
  readonly checks: readonly CheckSpec[];
  /** What holds once other machines have been configured, too: asked for afterwards, by a command of its own. */
  readonly joined: readonly CheckSpec[];
}

/** What one module adds to a host. */
export type HostConfigPart = Partial<Omit<HostConfig, "host">>;

/** A part with the name of the module that made it, for messages about conflicts. */
export interface HostModule {
  readonly module: string;
  readonly config: HostConfigPart;
}

/** An apt source in deb822 form, in /etc/apt/sources.list.d/keybuzz-NAME.sources. */
export interface AptRepository {
  /** Lower-case letters, digits and dashes. */
  readonly name: string;
  readonly uri: string;
  /** E.g. ["jammy-pgdg"]; see `codename` in osImage.ts. */
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly key: AptKey;
}

/** The key that signs a repository: its armored text, or where to get it and the fingerprint that it must have. */
export type AptKey =
  | { readonly kind: "armored"; readonly text: string }
  | { readonly kind: "url"; readonly url: string; /** 40 hex digits. */ readonly fingerprint: string };

/**
 * Installed without recommended packages. Its daemons do not start by themselves, but when the unit is declared:
 * no daemon ever runs with its package's default configuration. Packages are never removed.
 */
export interface PackageSpec {
  readonly name: string;
  /** Debian version, exact or ending in "*"; the package is then held. Default: whatever the archive has. */
  readonly version?: string;
}

export interface GroupSpec {
  readonly name: string;
  readonly gid?: number;
}

/** A system account without a password. */
export interface UserSpec {
  readonly name: string;
  readonly uid?: number;
  /** Primary group, declared or from a package. Default: a group of the user's own name. */
  readonly group?: string;
  /** Supplementary groups; others that the user has stay. */
  readonly groups?: readonly string[];
  /** Not created by itself: declare the directory. Default "/nonexistent". */
  readonly home?: string;
  /** Default "/usr/sbin/nologin". */
  readonly shell?: string;
}

/** Loaded now and at every boot. */
export interface KernelModuleSpec {
  readonly name: string;
}

/** Set now and at every boot. In a container that may not set it, a warning instead of an error. */
export interface SysctlSpec {
  readonly key: string;
  readonly value: string | number;
}

/** Made when missing, never removed: it may hold data. */
export interface DirectorySpec {
  readonly path: string;
  /** Default "root". */
  readonly owner?: string;
  /** Default "root". */
  readonly group?: string;
  /** Octal, four digits. Default "0755". */
  readonly mode?: string;
}

/** Replaced in one move. A file that the configuration no longer has is removed, or put back as it was before. */
export interface FileSpec {
  readonly path: string;
  readonly content: string;
  /** Default "root". */
  readonly owner?: string;
  /** Default "root". */
  readonly group?: string;
  /** Octal, four digits. Default "0644", for a secret "0600". */
  readonly mode?: string;
  /** Others may not read it, and no output of its validation is shown. Default false. */
  readonly secret?: boolean;
  /**
   * Command that must succeed before the file is put in place; "%s" is the path of the new content, e.g.
   * "visudo -cf %s". All validated files are checked after all other files are in place, then moved together.
   */
  readonly validate?: string;
  /** beforePackages: a package's installation reads it. Default "configuration": after packages and accounts. */
  readonly stage?: "beforePackages" | "configuration";
}

/** A file fetched by HTTPS, checked against its sha256. */
export interface BinarySpec {
  readonly path: string;
  readonly url: string;
  /** Of what is downloaded: 64 hex digits. */
  readonly sha256: string;
  /** Path within the downloaded archive (gzip, xz or plain tar). Default: the download is the file. */
  readonly tarMember?: string;
  /** Octal, four digits. Default "0755". */
  readonly mode?: string;
}

export interface UnitSpec {
  /** With its suffix: "haproxy.service". */
  readonly name: string;
  /** Whole unit file, in /etc/systemd/system. Default: the unit comes from a package. */
  readonly content?: string;
  /** Drop-ins by name (without ".conf"), in /etc/systemd/system/UNIT.d. */
  readonly dropIns?: Readonly<Record<string, string>>;
  /** Start at boot. */
  readonly enabled: boolean;
  /** onDemand: a timer, a socket or a person starts it; the script leaves it as it is. */
  readonly state: "running" | "stopped" | "onDemand";
  /** Files whose change, appearance or removal reloads it; "/dir/" stands for all below. */
  readonly reloadOn?: readonly string[];
  /** The same, for a restart. A change of its own unit file or drop-ins restarts it in any case. */
  readonly restartOn?: readonly string[];
  /**
   * atOnce: the script restarts it. inTurn: a unit that runs is left running, and the restart is kept for when the
   * cluster gives this member its turn (components/data/rollingRestart.ts). Default "atOnce".
   */
  readonly restart?: "atOnce" | "inTurn";
  /**
   * Its start ends only once daemons on other machines have started, too. The script begins it and goes on, for those
   * may get their turn after this host alone; a check of `joined` waits. Default false.
   */
  readonly waitsForPeers?: boolean;
  /** Units and steps that come first. */
  readonly after?: readonly string[];
}

/** A command run by the calendar: NAME.service and NAME.timer. */
export interface TimerSpec {
  readonly name: string;
  readonly description: string;
  /** systemd.time(7), e.g. "*-*-* 02:30:00". */
  readonly onCalendar: string;
  /** Absolute path and arguments, as for ExecStart=; no secret. */
  readonly command: string;
  /** Default "root". */
  readonly user?: string;
  /** Default 0. */
  readonly randomizedDelaySeconds?: number;
  /** Default 3600. */
  readonly timeoutSeconds?: number;
}

/** Commands that bring about what no file can. */
export interface StepSpec {
  /** Lower-case letters, digits and dashes. */
  readonly id: string;
  readonly when: StepGuard;
  /** Bash commands, run in order under "set -euo pipefail"; they may hold secrets, for they never are arguments. */
  readonly run: readonly string[];
  /** Units and steps that come first. Default: none, and the step comes before all units that do not wait for others. */
  readonly after?: readonly string[];
  /** beforePackages: their installation needs it; it waits for nothing. Default "configuration": after all files. */
  readonly stage?: "beforePackages" | "configuration";
  /** No output is shown when it fails. Default false. */
  readonly secret?: boolean;
  /** Default 300. */
  readonly timeoutSeconds?: number;
}

/**
 * unless: runs when the command fails, which must succeed afterwards.
 * changed: runs when one of the files changed ("/dir/" stands for all below).
 */
export type StepGuard =
  | { readonly kind: "unless"; readonly command: string }
  | { readonly kind: "changed"; readonly paths: readonly string[] };

/** Must succeed in the end: the host's health. Of `checks`: without any other machine. */
export interface CheckSpec {
  /** Lower-case letters, digits and dashes. */
  readonly id: string;
  /** Bash; tried `attempts` times, `intervalSeconds` apart. */
  readonly command: string;
  /** Default 30. */
  readonly attempts?: number;
  /** Default 2. */
  readonly intervalSeconds?: number;
  /** What a person should do when it fails. */
  readonly remedy: string;
  /**
   * Of `joined`: while this command succeeds, what is waited for is under way, and no attempt counts; for so many
   * hours at most. Default: every attempt counts.
   */
  readonly progress?: { readonly command: string; readonly hours: number };
}

export const FILE_DEFAULTS = { owner: "root", group: "root", mode: "0644", secretMode: "0600" } as const;
export const DIRECTORY_DEFAULTS = { owner: "root", group: "root", mode: "0755" } as const;
export const CHECK_DEFAULTS = { attempts: 30, intervalSeconds: 2 } as const;

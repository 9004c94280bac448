import { shown, type Mistake } from "../mistakes";
import { DIRECTORY_DEFAULTS, FILE_DEFAULTS, type FileSpec, type HostConfig } from "./hostConfig";

const PATH = {
  pattern: /^(\/[A-Za-z0-9_@.:+,=%\\-]+)+$/,
  allowed: "an absolute path of letters, digits and _@.:+,=%\\-",
};
const ID = { pattern: /^[a-z0-9][a-z0-9-]{0,62}$/, allowed: "lower-case letters, digits and dashes, at most 63" };
const ACCOUNT = { pattern: /^[a-z_][a-z0-9_-]{0,31}$/, allowed: "a Linux account name" };
const UNIT = {
  pattern: /^[A-Za-z0-9:_.@\\-]+\.(service|socket|timer|mount|path|target|slice)$/,
  allowed: "a unit name with its suffix, e.g. haproxy.service",
};
const MODE = { pattern: /^[0-7]{4}$/, allowed: 'four octal digits, e.g. "0644"' };
const SHA256 = { pattern: /^[0-9a-f]{64}$/, allowed: "64 lower-case hex digits" };
const PACKAGE = { pattern: /^[a-z0-9][a-z0-9+.-]+$/, allowed: "a Debian package name" };
const VERSION = { pattern: /^[A-Za-z0-9.+:~-]+\*?$/, allowed: 'a Debian version, exact or ending in "*"' };
const SYSCTL = { pattern: /^[a-z0-9_]+([./][A-Za-z0-9_-]+)+$/, allowed: "a dotted key, e.g. net.ipv4.ip_forward" };
const MODULE = { pattern: /^[a-z0-9_-]+$/, allowed: "a module name, e.g. br_netfilter" };
const HTTPS = { pattern: /^https:\/\/[^\s'"]+$/, allowed: "an https URL" };
const URI = { pattern: /^https?:\/\/[^\s'"]+$/, allowed: "an http or https URL" };
const WORD = { pattern: /^[A-Za-z0-9_./+-]+$/, allowed: "letters, digits and _./+-" };
const HOST = { pattern: /^[a-z0-9]([a-z0-9.-]{0,252})$/, allowed: "a host name" };
const FINGERPRINT = { pattern: /^[0-9A-F]{40}$/, allowed: "40 upper-case hex digits" };
const DROP_IN = { pattern: /^[A-Za-z0-9_-]+$/, allowed: "letters, digits, _ and -, without .conf" };

/** A command longer than this belongs in a file. */
const COMMAND_LIMIT = 4096;

/** Where most of them are mended: names and paths come from the module that declares them. */
const CORRECT = "correct it where the host's module declares it";

/** Every mistake of one host's configuration. Empty: valid. */
export function validateHostConfig(config: HostConfig): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const mistake = (path: string, found: string, allowed: string, fix = CORRECT): void =>
    void mistakes.push({ path, found, allowed, fix });
  const expect = (path: string, value: string, rule: { readonly pattern: RegExp; readonly allowed: string }): void => {
    if (!rule.pattern.test(value)) mistake(path, shown(value), rule.allowed);
  };
  const expectPath = (path: string, value: string): void => {
    expect(path, value, PATH);
    if (/(^|\/)\.\.?(\/|$)/.test(value)) mistake(path, shown(value), 'no "." or ".." in it');
  };
  const expectOneLine = (path: string, value: string): void => {
    if (/[\0\r\n]/.test(value) || value.trim() === "") {
      mistake(path, value.trim() === "" ? "nothing" : "several lines", "one line of text");
    }
  };
  const expectCommand = (path: string, value: string): void => {
    if (value.trim() === "" || value.includes("\0") || value.length > COMMAND_LIMIT) {
      mistake(path, `${value.length} characters`, `a command of 1-${COMMAND_LIMIT}`, "put longer ones in a file");
    }
  };
  const expectPositive = (path: string, value: number | undefined, minimum = 1): void => {
    if (value !== undefined && (!Number.isInteger(value) || value < minimum)) {
      mistake(path, String(value), `a whole number from ${minimum}`);
    }
  };

  expect("host", config.host, HOST);
  for (const { name, uri, suites, components, key } of config.aptRepositories) {
    const at = `aptRepositories[${name}]`;
    expect(`${at}.name`, name, ID);
    expect(`${at}.uri`, uri, URI);
    for (const word of [...suites, ...components]) expect(`${at}.suites/components`, word, WORD);
    if (suites.length === 0) mistake(`${at}.suites`, "none", "at least one");
    if (key.kind === "url") {
      expect(`${at}.key.url`, key.url, HTTPS);
      expect(`${at}.key.fingerprint`, key.fingerprint, FINGERPRINT);
    } else if (!key.text.includes("-----BEGIN PGP PUBLIC KEY BLOCK-----")) {
      mistake(`${at}.key.text`, "no PGP public key block", "an armored public key");
    }
  }
  for (const { name, version } of config.packages) {
    expect(`packages[${name}].name`, name, PACKAGE);
    if (version !== undefined) expect(`packages[${name}].version`, version, VERSION);
  }
  for (const group of config.groups) {
    expect(`groups[${group.name}].name`, group.name, ACCOUNT);
    expectPositive(`groups[${group.name}].gid`, group.gid);
  }
  for (const user of config.users) {
    const at = `users[${user.name}]`;
    expect(`${at}.name`, user.name, ACCOUNT);
    expectPositive(`${at}.uid`, user.uid);
    for (const group of [...(user.group === undefined ? [] : [user.group]), ...(user.groups ?? [])]) {
      expect(`${at}.group(s)`, group, ACCOUNT);
    }
    if (user.home !== undefined) expectPath(`${at}.home`, user.home);
    if (user.shell !== undefined) expectPath(`${at}.shell`, user.shell);
  }
  for (const { name } of config.kernelModules) expect(`kernelModules[${name}].name`, name, MODULE);
  for (const { key, value } of config.sysctl) {
    expect(`sysctl[${key}].key`, key, SYSCTL);
    expectOneLine(`sysctl[${key}].value`, String(value));
  }
  for (const directory of config.directories) {
    const at = `directories[${directory.path}]`;
    expectPath(`${at}.path`, directory.path);
    expect(`${at}.mode`, directory.mode ?? DIRECTORY_DEFAULTS.mode, MODE);
    expect(`${at}.owner`, directory.owner ?? DIRECTORY_DEFAULTS.owner, ACCOUNT);
    expect(`${at}.group`, directory.group ?? DIRECTORY_DEFAULTS.group, ACCOUNT);
  }
  for (const file of config.files) {
    const at = `files[${file.path}]`;
    expectPath(`${at}.path`, file.path);
    expect(`${at}.mode`, fileMode(file), MODE);
    expect(`${at}.owner`, file.owner ?? FILE_DEFAULTS.owner, ACCOUNT);
    expect(`${at}.group`, file.group ?? FILE_DEFAULTS.group, ACCOUNT);
    if (file.content.includes("\0"))
      mistake(`${at}.content`, "a NUL byte", "text", "fetch what is no text as a binary");
    if (file.secret === true && /[1-7]$/.test(fileMode(file))) {
      mistake(`${at}.mode`, `${fileMode(file)} for a secret`, 'nothing for others, e.g. "0640"');
    }
    if (file.validate !== undefined) {
      expectOneLine(`${at}.validate`, file.validate);
      if (!file.validate.includes("%s"))
        mistake(`${at}.validate`, 'no "%s"', 'a command with "%s" where the path belongs');
    }
  }
  for (const binary of config.binaries) {
    const at = `binaries[${binary.path}]`;
    expectPath(`${at}.path`, binary.path);
    expect(`${at}.url`, binary.url, HTTPS);
    expect(`${at}.sha256`, binary.sha256, SHA256);
    expect(`${at}.mode`, binary.mode ?? "0755", MODE);
    if (binary.tarMember !== undefined) expect(`${at}.tarMember`, binary.tarMember, WORD);
  }
  for (const unit of config.units) {
    const at = `units[${unit.name}]`;
    expect(`${at}.name`, unit.name, UNIT);
    for (const name of Object.keys(unit.dropIns ?? {})) expect(`${at}.dropIns[${name}]`, name, DROP_IN);
    for (const path of [...(unit.reloadOn ?? []), ...(unit.restartOn ?? [])])
      expectPath(`${at}.reloadOn/restartOn`, path.replace(/\/$/, ""));
  }
  for (const timer of config.timers) {
    const at = `timers[${timer.name}]`;
    expect(`${at}.name`, timer.name, ID);
    for (const [field, text] of Object.entries({
      description: timer.description,
      onCalendar: timer.onCalendar,
      command: timer.command,
    })) {
      expectOneLine(`${at}.${field}`, text);
    }
    if (!timer.command.startsWith("/"))
      mistake(`${at}.command`, shown(timer.command.split(" ")[0]), "an absolute path");
    expect(`${at}.user`, timer.user ?? "root", ACCOUNT);
    expectPositive(`${at}.randomizedDelaySeconds`, timer.randomizedDelaySeconds, 0);
    expectPositive(`${at}.timeoutSeconds`, timer.timeoutSeconds);
  }
  for (const step of config.steps) {
    const at = `steps[${step.id}]`;
    expect(`${at}.id`, step.id, ID);
    step.run.forEach((command, index) => expectCommand(`${at}.run[${index}]`, command));
    if (step.run.length === 0) mistake(`${at}.run`, "none", "at least one command");
    if (step.when.kind === "unless") expectCommand(`${at}.when.command`, step.when.command);
    else for (const path of step.when.paths) expectPath(`${at}.when.paths`, path.replace(/\/$/, ""));
    expectPositive(`${at}.timeoutSeconds`, step.timeoutSeconds);
    if (step.stage === "beforePackages" && (step.after ?? []).length > 0)
      mistake(`${at}.after`, shown(step.after?.[0]), "nothing, before packages", "remove it, or the stage");
  }
  const checks = { checks: config.checks, joined: config.joined };
  for (const [at, check] of Object.entries(checks).flatMap(([list, all]) =>
    all.map((one) => [`${list}[${one.id}]`, one] as const),
  )) {
    expect(`${at}.id`, check.id, ID);
    expectCommand(`${at}.command`, check.command);
    expectOneLine(`${at}.remedy`, check.remedy);
    expectPositive(`${at}.attempts`, check.attempts);
    expectPositive(`${at}.intervalSeconds`, check.intervalSeconds, 0);
  }
  return [...mistakes, ...pathClashes(config), ...unknownPredecessors(config)];
}

/** Octal mode with the default for its kind. */
export function fileMode(file: FileSpec): string {
  return file.mode ?? (file.secret === true ? FILE_DEFAULTS.secretMode : FILE_DEFAULTS.mode);
}

/** One path may be a file, a directory or a binary, but not two of them. */
function pathClashes(config: HostConfig): readonly Mistake[] {
  const kinds = new Map<string, string[]>();
  const note = (path: string, kind: string): void => void kinds.set(path, [...(kinds.get(path) ?? []), kind]);
  for (const { path } of config.files) note(path, "file");
  for (const { path } of config.directories) note(path, "directory");
  for (const { path } of config.binaries) note(path, "binary");
  for (const unit of config.units) {
    if (unit.content !== undefined) note(`/etc/systemd/system/${unit.name}`, "unit");
    for (const name of Object.keys(unit.dropIns ?? {}))
      note(`/etc/systemd/system/${unit.name}.d/${name}.conf`, "unit drop-in");
  }
  for (const timer of config.timers)
    for (const suffix of ["service", "timer"]) note(`/etc/systemd/system/${timer.name}.${suffix}`, "timer");
  return [...kinds.entries()]
    .filter(([, found]) => found.length > 1)
    .map(([path, found]) => ({ path, found: found.join(" and "), allowed: "one of them", fix: "remove the others" }));
}

function unknownPredecessors(config: HostConfig): readonly Mistake[] {
  const known = new Set([
    ...config.units.map((u) => u.name),
    ...config.timers.map((t) => `${t.name}.timer`),
    ...config.steps.map((s) => s.id),
  ]);
  const waiting = [
    ...config.units.map((u) => ({ at: `units[${u.name}]`, after: u.after })),
    ...config.steps.map((s) => ({ at: `steps[${s.id}]`, after: s.after })),
  ];
  return waiting.flatMap(({ at, after }) =>
    (after ?? [])
      .filter((name) => !known.has(name))
      .map((name) => ({
        path: `${at}.after`,
        found: shown(name),
        allowed: "a declared unit or step",
        fix: "declare it or remove it here",
      })),
  );
}

import { aptMistake } from "./aptLists";
import { checkFile } from "./fileChecks";
import type { HostFile, HostScript } from "./hostScript";
import type { MachineDisk } from "./machineDisk";

/** A host script that the real machine would have refused, too; the message is what the script would print. */
export class ScriptFailure extends Error {}

/** What a script meets outside of its machine. */
export interface ScriptSurroundings {
  /** Why the machine reaches nothing outside; undefined where it does. */
  readonly noWayOut: () => string | undefined;
  /** Resolves once a daemon has started. */
  readonly started: (unit: string) => Promise<void>;
}

/**
 * Does to the simulated machine what the script would do to a real one, as far as it can be told from the script:
 * files, packages, accounts, units, steps. Returns the lines that the real script prints.
 *
 * @param line how the script would print a text.
 * @param around what the machine is in.
 * @throws ScriptFailure when a file does not parse, when a daemon that the script waits for does not start, or when
 * `failAt` names one of its steps (a fault of a test).
 */
export async function applyHostScript(
  disk: MachineDisk,
  script: HostScript,
  line: (text: string) => string,
  failAt: string | undefined,
  { noWayOut, started }: ScriptSurroundings,
): Promise<readonly string[]> {
  const { state } = disk;
  const lines: string[] = [];
  const changed = (what: string): void => void lines.push(line(what));
  const at = (step: string): void => {
    if (failAt === step)
      throw new ScriptFailure(line(`step ${step}: a fault put there by a test; remedy: take the fault away`));
  };
  const mistakes = (await Promise.all(script.files.map(checkFile))).filter((mistake) => mistake !== undefined);
  if (mistakes.length > 0) {
    throw new ScriptFailure(
      line(`step files: ${mistakes.join("; ")}; remedy: correct the configuration that makes them`),
    );
  }
  const pending = new Set<string>();

  const wanted = new Set(script.files.map(({ path }) => path));
  const put = (file: HostFile): void => {
    at(`file${file.path}`);
    if (!writeFile(disk, file)) return;
    for (const marker of file.markers) pending.add(marker);
    changed(`file ${file.path} written`);
  };
  at("packages");
  const mistake = aptMistake(disk, script, put, noWayOut);
  if (mistake !== undefined) throw new ScriptFailure(line(`step packages: ${mistake}`));
  const missing = script.packages.filter(
    ({ name, version }) =>
      state.packages[name] === undefined || (version !== undefined && state.packages[name] !== version),
  );
  for (const { name, version } of missing) state.packages[name] = version ?? "latest";
  if (missing.length > 0)
    changed(
      `packages installed: ${missing.map(({ name, version }) => (version === undefined ? name : `${name}=${version}`)).join(" ")}`,
    );

  for (const [kind, names] of [
    ["group", script.groups],
    ["user", script.users],
  ] as const) {
    for (const { name } of names) {
      if (state.accounts.includes(`${kind}/${name}`)) continue;
      state.accounts.push(`${kind}/${name}`);
      changed(`${kind} ${name} made`);
    }
  }
  for (const { path, mode, owner, group } of script.directories) {
    const meta = `${mode} ${owner} ${group}`;
    if (state.directories[path] !== meta) changed(`directory ${path} made or its mode set`);
    state.directories[path] = meta;
  }

  for (const unit of Object.keys(state.units)) {
    if (script.units.some(({ name }) => name === unit)) continue;
    delete state.units[unit];
    changed(`unit ${unit} stopped and disabled`);
  }
  for (const [path, meta] of Object.entries(state.files)) {
    if (meta.byRole || wanted.has(path)) continue;
    disk.remove(path);
    for (const marker of meta.markers) pending.add(marker);
    changed(`file ${path} removed`);
  }
  script.files.forEach(put);
  for (const { path, sha256 } of script.binaries) {
    if (state.binaries[path] !== sha256) changed(`binary ${path} fetched`);
    state.binaries[path] = sha256;
  }
  for (const [key, value] of Object.entries(script.sysctl)) {
    if (state.sysctl[key] !== value) changed(`sysctl ${key} set`);
    state.sysctl[key] = value;
  }
  for (const { id, unless } of script.steps) {
    at(id);
    const due = unless === undefined ? pending.has(`step:${id}`) : !state.steps.includes(id);
    if (!due) continue;
    if (unless !== undefined) state.steps.push(id);
    changed(`step ${id} done`);
  }
  for (const { name, enabled, state: target, begun } of script.units) {
    at(`unit/${name}`);
    const before = state.units[name];
    if (enabled && !(before?.startsWith("enabled") ?? false)) changed(`unit ${name} enabled`);
    if (target === "running" && before?.endsWith("running") !== true) changed(`unit ${name} started`);
    else if (pending.has(`restart:${name}`)) changed(`unit ${name} restarted`);
    else if (pending.has(`reload:${name}`)) changed(`unit ${name} reloaded`);
    state.units[name] = `${enabled ? "enabled" : "disabled"} ${target}`;
    if (target !== "running" || begun === true) continue;
    await started(name).catch((error: unknown) => {
      throw new ScriptFailure(
        line(`step unit/${name}: ${messageOf(error)}; remedy: see journalctl -u ${name} on the host`),
      );
    });
  }
  for (const { id } of script.checks) at(`check/${id}`);
  return [...lines, line(lines.length === 0 ? "no change" : `${lines.length} change(s)`)];
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function writeFile(disk: MachineDisk, file: HostFile): boolean {
  const known = disk.state.files[file.path];
  const owner = `${file.owner}:${file.group}`;
  const same =
    known !== undefined && known.mode === file.mode && known.owner === owner && disk.read(file.path) === file.content;
  disk.state.files[file.path] = {
    mode: file.mode,
    owner,
    secret: file.secret,
    byRole: false,
    markers: [...file.markers],
  };
  if (!same)
    disk.write(
      file.path,
      file.content,
      disk.state.files[file.path] ?? { mode: file.mode, owner, secret: file.secret, byRole: false, markers: [] },
    );
  return !same;
}

import { createHash } from "node:crypto";
import {
  aptKeyPath,
  aptSourcePath,
  expandHostConfig,
  type ScriptPlan,
  type Marker,
  type PlannedAction,
  type PlannedFile,
} from "./expandHostConfig";
import {
  CHECK_DEFAULTS,
  DIRECTORY_DEFAULTS,
  FILE_DEFAULTS,
  type BinarySpec,
  type CheckSpec,
  type HostConfig,
  type StepSpec,
  type UnitSpec,
  type UserSpec,
} from "./hostConfig";
import { refuse } from "../mistakes";
import { scriptLibrary } from "./scriptLibrary";
import { shellQuote } from "./shellQuote";
import { fileMode, validateHostConfig } from "./validateHostConfig";

/** First comment of every host script; `parseScript` refuses any other. */
export const SCRIPT_FORMAT = "# keybuzz host script, format 2";
/** Ends a here-document; with underscores behind it where the text has such a line itself. */
export const HEREDOC = "KB_DATA";

export interface RenderedScript {
  /** Run by `bash -s` as root, from standard input. Secret if any file or step in it is. */
  readonly script: string;
  /** SHA-256 of what it does; equal configurations have equal hashes. */
  readonly hash: string;
}

/**
 * One bash script that makes a host what its configuration says: idempotent, and convergent when it is cut off
 * anywhere and run again. It is read whole before anything runs (its last line calls it), so neither a broken
 * connection nor a command that reads standard input can make it run in part.
 *
 * @throws MistakesError listing all mistakes of the configuration at once.
 */
export function renderScript(config: HostConfig): RenderedScript {
  refuse(`host ${config.host}`, validateHostConfig(config));
  const plan = expandHostConfig(config);
  const fetched = config.aptRepositories.flatMap((repository) =>
    repository.key.kind === "url" ? [{ repository, ...repository.key }] : [],
  );
  const packages = new Map(config.packages.map(({ name, version }) => [name, version ?? ""]));
  const wanted = (name: string): string => call("kb_package", name, packages.get(name) ?? "");
  // Before everything else, also those that are declared anyway.
  const first = fetched.length > 0 ? ["ca-certificates", "curl", "gnupg"].map(wanted) : [];
  const lines = [
    "kb_drop",
    ...plan.beforePackages.flatMap(fileLines),
    ...plan.stepsBeforePackages.flatMap(stepLines),
    // The key before its source, and the tools that fetch it before both.
    ...fetched.map(({ repository, fingerprint }) =>
      call("kb_apt_aside", aptSourcePath(repository), aptKeyPath(repository), fingerprint),
    ),
    ...(first.length > 0 ? [...first, "kb_install_packages"] : []),
    ...fetched.map(({ repository, url, fingerprint }) => call("kb_apt_key", aptKeyPath(repository), url, fingerprint)),
    ...plan.sources.flatMap(fileLines),
    ...(config.binaries.length > 0 && first.length === 0
      ? ["ca-certificates", "curl"].filter((name) => !packages.has(name)).map(wanted)
      : []),
    ...[...packages.keys()].map(wanted),
    "kb_install_packages",
    ...config.groups.map(({ name, gid }) => call("kb_group", name, String(gid ?? ""))),
    ...config.users.map(userLine),
    ...config.kernelModules.map(({ name }) => call("kb_module", name)),
    ...[...config.directories]
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ path, mode, owner, group }) =>
        call(
          "kb_directory",
          path,
          octal(mode ?? DIRECTORY_DEFAULTS.mode),
          owner ?? DIRECTORY_DEFAULTS.owner,
          group ?? DIRECTORY_DEFAULTS.group,
        ),
      ),
    ...plan.files.flatMap(fileLines),
    "kb_put_validated",
    ...plan.binaries.map(({ binary, markers }) => binaryLine(binary, markers)),
    ...config.sysctl.map(({ key, value }) => call("kb_sysctl", key, String(value))),
    "kb_daemon_reload",
    ...plan.actions.flatMap(actionLines),
    ...config.checks.flatMap(checkLines),
    "kb_end",
  ];
  const manifest = manifestLines(config, plan);
  const library = scriptLibrary(["kb_begin", ...lines]);
  const text = (hash: string): string =>
    [
      "#!/usr/bin/env bash",
      SCRIPT_FORMAT,
      "set -Eeuo pipefail",
      library,
      "",
      "main() {",
      ...here(call("kb_begin", config.host, hash), manifest),
      ...lines,
      "}",
      'main "$@" </dev/null',
      "",
    ].join("\n");
  const hash = createHash("sha256").update(text("")).digest("hex");
  return { script: text(hash), hash };
}

/** What the script puts on the host, for the removal of what a later one no longer has. */
function manifestLines(config: HostConfig, plan: ScriptPlan): string {
  const files = [
    ...[...plan.beforePackages, ...plan.sources, ...plan.files].map(({ file, markers }) => [
      "file",
      file.path,
      ...markers,
    ]),
    ...plan.binaries.map(({ binary, markers }) => ["file", binary.path, ...markers]),
    ...config.aptRepositories
      .filter(({ key }) => key.kind === "url")
      .map((one) => ["file", aptKeyPath(one), "apt-update"]),
  ];
  const units = plan.actions.flatMap((action) =>
    action.kind === "unit" && (action.unit.enabled || action.unit.state === "running")
      ? [["unit", action.unit.name]]
      : [],
  );
  return [...files, ...units]
    .map((words) => `${words.join(" ")}\n`)
    .sort()
    .join("");
}

function fileLines({ file, markers }: PlannedFile): readonly string[] {
  return here(
    call(
      "kb_file",
      file.path,
      octal(fileMode(file)),
      file.owner ?? FILE_DEFAULTS.owner,
      file.group ?? FILE_DEFAULTS.group,
      file.secret === true ? "secret" : "public",
      file.validate ?? "",
      markers.join(" "),
    ),
    file.content,
  );
}

function binaryLine(binary: BinarySpec, markers: readonly Marker[]): string {
  return call(
    "kb_binary",
    binary.path,
    octal(binary.mode ?? "0755"),
    binary.url,
    binary.sha256,
    binary.tarMember ?? "",
    markers.join(" "),
  );
}

function userLine(user: UserSpec): string {
  const groups = (user.groups ?? []).join(",");
  return call(
    "kb_user",
    user.name,
    String(user.uid ?? ""),
    user.group ?? "",
    groups,
    user.home ?? "/nonexistent",
    user.shell ?? "/usr/sbin/nologin",
  );
}

function actionLines(action: PlannedAction): readonly string[] {
  switch (action.kind) {
    case "unit":
      return [unitLine(action.unit)];
    case "step":
      return stepLines(action.step);
  }
}

function unitLine({ name, enabled, state, waitsForPeers }: UnitSpec): string {
  const begun = state === "running" && waitsForPeers === true ? ["begun"] : [];
  return call("kb_unit", name, enabled ? "enabled" : "disabled", state, ...begun);
}

function stepLines(step: StepSpec): readonly string[] {
  const guard = step.when.kind === "unless" ? keep("unless", [step.when.command]) : [];
  const visibility = step.secret === true ? "secret" : "public";
  return [
    ...guard,
    ...keep("run", step.run),
    call("kb_step", step.id, step.when.kind, visibility, String(step.timeoutSeconds ?? 300)),
  ];
}

function checkLines(check: CheckSpec): readonly string[] {
  const { attempts, intervalSeconds } = { ...CHECK_DEFAULTS, ...check };
  return [
    ...keep("check", [check.command]),
    call("kb_check", check.id, String(attempts), String(intervalSeconds), check.remedy),
  ];
}

function keep(name: string, commands: readonly string[]): readonly string[] {
  return here(call("kb_keep", name), `set -euo pipefail\n${commands.join("\n")}\n`);
}

function call(name: string, ...words: readonly string[]): string {
  return [name, ...words.map(shellQuote)].join(" ");
}

/** The text as it is; the newline that every here-document ends with is one more than it has. */
function here(command: string, text: string): readonly string[] {
  const lines = text.split("\n");
  let end = HEREDOC;
  while (lines.includes(end)) end += "_";
  return [`${command} <<'${end}'`, ...lines, end];
}

/** As stat(1) prints it: without leading zeros. */
function octal(mode: string): string {
  return mode.replace(/^0+(?=.)/, "");
}

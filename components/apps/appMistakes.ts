import { hasSecret } from "../secrets/secretRef";
import type { AppArgs, ConfigDirectory, ImageRuntime, Migration, SharedVolume } from "./appArgs";
import type { CronPlan } from "./cronArgs";
import { cronMistakes } from "./crons";
import { imageMistakes } from "./imageRef";
import type { Mistake } from "../mistakes";
import { processMistakes } from "./processMistakes";
import type { ProcessPlan } from "./processPlan";
import { resourceMistakes } from "./quantity";
import { environmentMistakes, nameMistakes, pathMistakes, sizeMistakes } from "./valueMistakes";

/** A Job's pods carry its name as a label of 63 characters; the hash takes nine of them. */
const MIGRATION_NAME_MAX = 54;

/** Every mistake of one application. `processes` have their defaults, so that derived values are judged, too. */
export function appMistakes(
  args: AppArgs,
  processes: readonly ProcessPlan[],
  crons: readonly CronPlan[],
): readonly Mistake[] {
  const at = args.name;
  return [
    ...nameMistakes(`${at}.name`, args.name),
    ...nameMistakes(`${at}.namespace`, args.namespace),
    ...imageMistakes(`${at}.image`, args.image),
    ...runtimeMistakes(`${at}.runtime`, args.runtime),
    ...environmentMistakes(`${at}.config.env`, args.config.env),
    ...Object.keys(args.config.files ?? {}).flatMap((path) => pathMistakes(`${at}.config.files`, path)),
    ...directoryMistakes(`${at}.config.directories`, args.config.directories ?? []),
    ...volumeMistakes(`${at}.volume`, args.volume),
    ...plainPassword(`${at}.pullSecret`, args.pullSecret, "secrets.configured(...)"),
    ...(args.migration === undefined ? [] : migrationMistakes(`${at}.migration`, args.migration)),
    ...(args.firstAccount === undefined ? [] : migrationMistakes(`${at}.firstAccount`, args.firstAccount)),
    ...plainPassword(`${at}.administrator`, args.administrator, "secrets.generated(...)"),
    ...processListMistakes(`${at}.processes`, processes, crons),
    ...processes.flatMap((process) => processMistakes(`${at}.processes.${process.name}`, process)),
    ...crons.flatMap((cron) => cronMistakes(`${at}.crons.${cron.name}`, cron)),
  ];
}

function runtimeMistakes(path: string, runtime: ImageRuntime): readonly Mistake[] {
  const mistakes = (runtime.writableDirectories ?? []).flatMap((directory) =>
    pathMistakes(`${path}.writableDirectories`, directory),
  );
  if (Number.isInteger(runtime.uid) && runtime.uid >= 1) return mistakes;
  const fix = "name a user that the image can run as; no workload runs as root";
  return [...mistakes, { path: `${path}.uid`, found: String(runtime.uid), allowed: "a whole number from 1", fix }];
}

function plainPassword(
  path: string,
  login: { readonly password: string } | undefined,
  source: string,
): readonly Mistake[] {
  if (login === undefined || hasSecret(login.password)) return [];
  const fix = `take it from ${source}`;
  return [{ path: `${path}.password`, found: "a plain value", allowed: "a secret's placeholder", fix }];
}

function migrationMistakes(path: string, migration: Migration): readonly Mistake[] {
  const mistakes = [
    ...nameMistakes(`${path}.name`, migration.name),
    ...environmentMistakes(`${path}.env`, migration.env ?? {}),
    ...resourceMistakes(`${path}.resources`, migration.resources),
  ];
  if (migration.name.length > MIGRATION_NAME_MAX) {
    mistakes.push({
      path: `${path}.name`,
      found: `${migration.name.length} characters`,
      allowed: `up to ${MIGRATION_NAME_MAX}`,
      fix: "shorten it",
    });
  }
  if (migration.command.length === 0) {
    mistakes.push({
      path: `${path}.command`,
      found: "[]",
      allowed: "a command",
      fix: "name the program that migrates",
    });
  }
  if (!(migration.timeoutSeconds >= 1)) {
    mistakes.push({
      path: `${path}.timeoutSeconds`,
      found: String(migration.timeoutSeconds),
      allowed: "1 or more",
      fix: "give the longest migration its time",
    });
  }
  return mistakes;
}

function volumeMistakes(path: string, volume: SharedVolume | undefined): readonly Mistake[] {
  if (volume === undefined) return [];
  return [
    ...nameMistakes(`${path}.name`, volume.name),
    ...pathMistakes(`${path}.path`, volume.path),
    ...sizeMistakes(`${path}.sizeGb`, volume.sizeGb),
  ];
}

/** A key of a ConfigMap or Secret. */
const FILE_NAME = /^[\w.-]{1,253}$/;

function directoryMistakes(path: string, directories: readonly ConfigDirectory[]): readonly Mistake[] {
  const names = directories.map(({ name }) => name);
  return directories.flatMap((directory, index): readonly Mistake[] => {
    const { name, files } = directory;
    const at = `${path}.${name}`;
    const twice = names.indexOf(name) !== index;
    return [
      ...nameMistakes(path, name),
      ...pathMistakes(`${at}.path`, directory.path),
      ...(twice ? [{ path, found: `"${name}" twice`, allowed: "each name once", fix: "rename one of them" }] : []),
      ...(Object.keys(files).length > 0
        ? []
        : [{ path: `${at}.files`, found: "{}", allowed: "one file or more", fix: "add one, or leave it out" }]),
      ...Object.keys(files)
        .filter((file) => !FILE_NAME.test(file))
        .map((file) => ({
          path: `${at}.files`,
          found: `"${file}"`,
          allowed: "a file's name, of letters, digits, dots, hyphens and underscores",
          fix: "rename the file; a directory in it is a directory of its own",
        })),
    ];
  });
}

function processListMistakes(
  path: string,
  processes: readonly ProcessPlan[],
  crons: readonly CronPlan[],
): readonly Mistake[] {
  const names = [...processes, ...crons].map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (names.length === 0) return [{ path, found: "[]", allowed: "one process or more", fix: "say what to run" }];
  return twice.map((name) => ({
    path,
    found: `"${name}" twice`,
    allowed: "each name once",
    fix: "rename one of them",
  }));
}

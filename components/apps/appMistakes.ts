import { hasSecret } from "../secrets/secretRef";
import type { AppArgs, ImageRuntime, Migration, SharedVolume } from "./appArgs";
import type { ProcessPlan } from "./appPlan";
import { imageMistakes } from "./imageRef";
import type { Mistake } from "../mistakes";
import { probeMistakes } from "./probe";
import { resourceMistakes } from "./quantity";

const LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** A Job's pods carry its name as a label of 63 characters; the hash takes nine of them. */
const MIGRATION_NAME_MAX = 54;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PORT_NAME = /^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/;
/** S3's access key id is a name, not a secret; its secret key is covered. */
const SECRETIVE = /PASSWORD|PASSWD|SECRET|TOKEN|(?<!ACCESS)_KEY$/;
const PASSWORD_IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/;

/** Every mistake of one application. `processes` have their defaults, so that derived values are judged, too. */
export function appMistakes(args: AppArgs, processes: readonly ProcessPlan[]): readonly Mistake[] {
  const at = args.name;
  return [
    ...nameMistakes(`${at}.name`, args.name),
    ...nameMistakes(`${at}.namespace`, args.namespace),
    ...imageMistakes(`${at}.image`, args.image),
    ...runtimeMistakes(`${at}.runtime`, args.runtime),
    ...environmentMistakes(`${at}.config.env`, args.config.env),
    ...Object.keys(args.config.files ?? {}).flatMap((path) => pathMistakes(`${at}.config.files`, path)),
    ...volumeMistakes(`${at}.volume`, args.volume),
    ...pullSecretMistakes(args),
    ...(args.migration === undefined ? [] : migrationMistakes(`${at}.migration`, args.migration)),
    ...processListMistakes(`${at}.processes`, processes),
    ...processes.flatMap((process) => processMistakes(`${at}.processes.${process.name}`, process)),
  ];
}

function nameMistakes(path: string, name: string): readonly Mistake[] {
  if (LABEL.test(name)) return [];
  const allowed = "1 to 63 lower-case letters, digits and hyphens, beginning with a letter";
  return [{ path, found: `"${name}"`, allowed, fix: "choose such a name" }];
}

function runtimeMistakes(path: string, runtime: ImageRuntime): readonly Mistake[] {
  const mistakes = (runtime.writableDirectories ?? []).flatMap((directory) =>
    pathMistakes(`${path}.writableDirectories`, directory),
  );
  if (Number.isInteger(runtime.uid) && runtime.uid >= 1) return mistakes;
  const fix = "name a user that the image can run as; no workload runs as root";
  return [...mistakes, { path: `${path}.uid`, found: String(runtime.uid), allowed: "a whole number from 1", fix }];
}

function pathMistakes(path: string, found: string): readonly Mistake[] {
  if (/^\/[\w./-]*\w$/.test(found) && !found.split("/").includes("..")) return [];
  return [{ path, found: `"${found}"`, allowed: "an absolute path below /", fix: 'write it as "/tmp"' }];
}

function volumeMistakes(path: string, volume: SharedVolume | undefined): readonly Mistake[] {
  if (volume === undefined) return [];
  const { name, sizeGb } = volume;
  const mistakes = [...nameMistakes(`${path}.name`, name), ...pathMistakes(`${path}.path`, volume.path)];
  if (Number.isInteger(sizeGb) && sizeGb >= 1) return mistakes;
  const fix = "round it up; a volume can grow later, and never shrink";
  return [...mistakes, { path: `${path}.sizeGb`, found: String(sizeGb), allowed: "a whole number from 1", fix }];
}

function environmentMistakes(path: string, env: Readonly<Record<string, string>>): readonly Mistake[] {
  return Object.entries(env).flatMap(([name, value]): readonly Mistake[] => {
    const at = `${path}.${name}`;
    if (!VARIABLE.test(name)) {
      const allowed = "letters, digits and underscores, no digit first";
      return [{ path: at, found: `"${name}"`, allowed, fix: "rename the variable" }];
    }
    const secretive = (SECRETIVE.test(name) && value !== "" && !isSwitch(value)) || PASSWORD_IN_URL.test(value);
    if (!secretive || hasSecret(value)) return [];
    // The value may be a real secret: it is not repeated.
    const fix = "name it in the SecretLedger (generated or configured) and put its placeholder here";
    return [{ path: at, found: "a plain value", allowed: "a secret's placeholder", fix }];
  });
}

function isSwitch(value: string): boolean {
  return /^(true|false|\d+)$/.test(value);
}

function pullSecretMistakes({ name, pullSecret }: AppArgs): readonly Mistake[] {
  if (pullSecret === undefined || hasSecret(pullSecret.password)) return [];
  const fix = "take it from secrets.configured(...)";
  return [{ path: `${name}.pullSecret.password`, found: "a plain value", allowed: "a secret's placeholder", fix }];
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

function processListMistakes(path: string, processes: readonly ProcessPlan[]): readonly Mistake[] {
  const names = processes.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (names.length === 0) return [{ path, found: "[]", allowed: "one process or more", fix: "say what to run" }];
  return twice.map((name) => ({
    path,
    found: `"${name}" twice`,
    allowed: "each name once",
    fix: "rename one of them",
  }));
}

function processMistakes(path: string, process: ProcessPlan): readonly Mistake[] {
  return [
    ...nameMistakes(`${path}.name`, process.name),
    ...environmentMistakes(`${path}.env`, process.env),
    ...Object.entries(process.env)
      .filter(([, value]) => hasSecret(value))
      .map(([name]) => ({
        path: `${path}.env.${name}`,
        found: "a secret's placeholder",
        allowed: "plain values: it would stand readable in the Deployment",
        fix: "move it to the application's config.env",
      })),
    ...portMistakes(`${path}.ports`, process.ports),
    ...scaleMistakes(path, process),
    ...probeMistakes(`${path}.probes`, process.probes, Object.keys(process.ports)),
    ...resourceMistakes(`${path}.resources`, process.resources),
    ...graceMistakes(path, process),
  ];
}

function portMistakes(path: string, ports: Readonly<Record<string, number>>): readonly Mistake[] {
  const numbers = Object.values(ports);
  return Object.entries(ports).flatMap(([name, port], index) => {
    const mistakes: Mistake[] = [];
    if (!PORT_NAME.test(name)) {
      mistakes.push({
        path,
        found: `"${name}"`,
        allowed: "up to 15 lower-case letters, digits and hyphens",
        fix: "rename the port",
      });
    }
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      mistakes.push({
        path: `${path}.${name}`,
        found: String(port),
        allowed: "1-65535",
        fix: "choose a port in that range",
      });
    }
    if (numbers.indexOf(port) !== index) {
      mistakes.push({
        path: `${path}.${name}`,
        found: `${port} twice`,
        allowed: "each port once",
        fix: "remove one of them",
      });
    }
    return mistakes;
  });
}

function scaleMistakes(
  path: string,
  { autoscale, minReplicas, maxUnavailable, rollout }: ProcessPlan,
): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  if (!Number.isInteger(minReplicas) || minReplicas < 1) {
    mistakes.push({
      path: `${path}.scale`,
      found: String(minReplicas),
      allowed: "a whole number from 1",
      fix: "run one pod at least, or switch the workload off",
    });
  }
  if (autoscale !== undefined && autoscale.max < autoscale.min) {
    const { min, max } = autoscale;
    mistakes.push({
      path: `${path}.scale.max`,
      found: String(max),
      allowed: `from min, ${min}`,
      fix: "raise max or lower min",
    });
  }
  if (autoscale !== undefined && !(autoscale.cpuPercent >= 10 && autoscale.cpuPercent <= 100)) {
    mistakes.push({
      path: `${path}.scale.cpuPercent`,
      found: String(autoscale.cpuPercent),
      allowed: "10-100 per cent of the CPU request",
      fix: "70 is a good start",
    });
  }
  if (
    maxUnavailable !== undefined &&
    (!Number.isInteger(maxUnavailable) || maxUnavailable < 1 || maxUnavailable >= minReplicas)
  ) {
    const allowed =
      minReplicas > 1 ? `1-${minReplicas - 1}` : "none, with a single pod: it would block every drain or guard nothing";
    const fix =
      minReplicas > 1
        ? "leave at least one pod running, and let at least one go"
        : "run two pods or more, or leave it out";
    mistakes.push({
      path: `${path}.maxUnavailable`,
      found: `${maxUnavailable} of ${minReplicas} replicas`,
      allowed,
      fix,
    });
  }
  if (rollout === "recreate" && (minReplicas > 1 || autoscale !== undefined)) {
    const fix = 'scale to 1, or use rollout "rolling"';
    mistakes.push({
      path: `${path}.rollout`,
      found: `"recreate" with ${minReplicas} or more replicas`,
      allowed: "one replica",
      fix,
    });
  }
  return mistakes;
}

function graceMistakes(
  path: string,
  { gracePeriodSeconds, drainSeconds, longestRequestSeconds }: ProcessPlan,
): readonly Mistake[] {
  const needed = drainSeconds + longestRequestSeconds;
  if (gracePeriodSeconds >= needed) return [];
  return [
    {
      path: `${path}.gracePeriodSeconds`,
      found: String(gracePeriodSeconds),
      allowed: `from ${needed}: ${drainSeconds} s to drain and ${longestRequestSeconds} s for the longest request`,
      fix: "raise it, or leave it out and it is derived",
    },
  ];
}

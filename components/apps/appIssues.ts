import { hasSecret } from "../secrets/secretRef";
import type { AppArgs, ImageRuntime, Migration, SharedVolume } from "./appArgs";
import type { ProcessPlan } from "./appPlan";
import { imageIssues } from "./imageRef";
import type { PlanIssue } from "./planIssues";
import { probeIssues } from "./probe";
import { resourceIssues } from "./quantity";

const LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** A Job's pods carry its name as a label of 63 characters; the hash takes nine of them. */
const MIGRATION_NAME_MAX = 54;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PORT_NAME = /^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/;
/** S3's access key id is a name, not a secret; its secret key is covered. */
const SECRETIVE = /PASSWORD|PASSWD|SECRET|TOKEN|(?<!ACCESS)_KEY$/;
const PASSWORD_IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/;

/** Every mistake of one application. `processes` have their defaults, so that derived values are judged, too. */
export function appIssues(args: AppArgs, processes: readonly ProcessPlan[]): readonly PlanIssue[] {
  const at = args.name;
  return [
    ...nameIssues(`${at}.name`, args.name),
    ...nameIssues(`${at}.namespace`, args.namespace),
    ...imageIssues(`${at}.image`, args.image),
    ...runtimeIssues(`${at}.runtime`, args.runtime),
    ...environmentIssues(`${at}.config.env`, args.config.env),
    ...Object.keys(args.config.files ?? {}).flatMap((path) => pathIssues(`${at}.config.files`, path)),
    ...volumeIssues(`${at}.volume`, args.volume),
    ...pullSecretIssues(args),
    ...(args.migration === undefined ? [] : migrationIssues(`${at}.migration`, args.migration)),
    ...processListIssues(`${at}.processes`, processes),
    ...processes.flatMap((process) => processIssues(`${at}.processes.${process.name}`, process)),
  ];
}

function nameIssues(path: string, name: string): readonly PlanIssue[] {
  if (LABEL.test(name)) return [];
  const allowed = "1 to 63 lower-case letters, digits and hyphens, beginning with a letter";
  return [{ path, value: `"${name}"`, allowed, fix: "choose such a name" }];
}

function runtimeIssues(path: string, runtime: ImageRuntime): readonly PlanIssue[] {
  const issues = (runtime.writableDirectories ?? []).flatMap((directory) =>
    pathIssues(`${path}.writableDirectories`, directory),
  );
  if (Number.isInteger(runtime.uid) && runtime.uid >= 1) return issues;
  const fix = "name a user that the image can run as; no workload runs as root";
  return [...issues, { path: `${path}.uid`, value: String(runtime.uid), allowed: "a whole number from 1", fix }];
}

function pathIssues(path: string, found: string): readonly PlanIssue[] {
  if (/^\/[\w./-]*\w$/.test(found) && !found.split("/").includes("..")) return [];
  return [{ path, value: `"${found}"`, allowed: "an absolute path below /", fix: 'write it as "/tmp"' }];
}

function volumeIssues(path: string, volume: SharedVolume | undefined): readonly PlanIssue[] {
  if (volume === undefined) return [];
  const { name, sizeGb } = volume;
  const issues = [...nameIssues(`${path}.name`, name), ...pathIssues(`${path}.path`, volume.path)];
  if (Number.isInteger(sizeGb) && sizeGb >= 1) return issues;
  const fix = "round it up; a volume can grow later, and never shrink";
  return [...issues, { path: `${path}.sizeGb`, value: String(sizeGb), allowed: "a whole number from 1", fix }];
}

function environmentIssues(path: string, env: Readonly<Record<string, string>>): readonly PlanIssue[] {
  return Object.entries(env).flatMap(([name, value]): readonly PlanIssue[] => {
    const at = `${path}.${name}`;
    if (!VARIABLE.test(name)) {
      const allowed = "letters, digits and underscores, no digit first";
      return [{ path: at, value: `"${name}"`, allowed, fix: "rename the variable" }];
    }
    const secretive = (SECRETIVE.test(name) && value !== "" && !isSwitch(value)) || PASSWORD_IN_URL.test(value);
    if (!secretive || hasSecret(value)) return [];
    // The value may be a real secret: it is not repeated.
    const fix = "name it in the SecretLedger (generated or configured) and put its placeholder here";
    return [{ path: at, value: "(a plain value)", allowed: "a secret's placeholder", fix }];
  });
}

function isSwitch(value: string): boolean {
  return /^(true|false|\d+)$/.test(value);
}

function pullSecretIssues({ name, pullSecret }: AppArgs): readonly PlanIssue[] {
  if (pullSecret === undefined || hasSecret(pullSecret.password)) return [];
  const fix = "take it from secrets.configured(...)";
  return [{ path: `${name}.pullSecret.password`, value: "(a plain value)", allowed: "a secret's placeholder", fix }];
}

function migrationIssues(path: string, migration: Migration): readonly PlanIssue[] {
  const issues = [
    ...nameIssues(`${path}.name`, migration.name),
    ...environmentIssues(`${path}.env`, migration.env ?? {}),
    ...resourceIssues(`${path}.resources`, migration.resources),
  ];
  if (migration.name.length > MIGRATION_NAME_MAX) {
    issues.push({
      path: `${path}.name`,
      value: `${migration.name.length} characters`,
      allowed: `up to ${MIGRATION_NAME_MAX}`,
      fix: "shorten it",
    });
  }
  if (migration.command.length === 0) {
    issues.push({ path: `${path}.command`, value: "[]", allowed: "a command", fix: "name the program that migrates" });
  }
  if (!(migration.timeoutSeconds >= 1)) {
    issues.push({
      path: `${path}.timeoutSeconds`,
      value: String(migration.timeoutSeconds),
      allowed: "1 or more",
      fix: "give the longest migration its time",
    });
  }
  return issues;
}

function processListIssues(path: string, processes: readonly ProcessPlan[]): readonly PlanIssue[] {
  const names = processes.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (names.length === 0) return [{ path, value: "[]", allowed: "one process or more", fix: "say what to run" }];
  return twice.map((name) => ({
    path,
    value: `"${name}" twice`,
    allowed: "each name once",
    fix: "rename one of them",
  }));
}

function processIssues(path: string, process: ProcessPlan): readonly PlanIssue[] {
  return [
    ...nameIssues(`${path}.name`, process.name),
    ...environmentIssues(`${path}.env`, process.env),
    ...Object.entries(process.env)
      .filter(([, value]) => hasSecret(value))
      .map(([name]) => ({
        path: `${path}.env.${name}`,
        value: "a secret's placeholder",
        allowed: "plain values: it would stand readable in the Deployment",
        fix: "move it to the application's config.env",
      })),
    ...portIssues(`${path}.ports`, process.ports),
    ...scaleIssues(path, process),
    ...probeIssues(`${path}.probes`, process.probes, Object.keys(process.ports)),
    ...resourceIssues(`${path}.resources`, process.resources),
    ...graceIssues(path, process),
  ];
}

function portIssues(path: string, ports: Readonly<Record<string, number>>): readonly PlanIssue[] {
  const numbers = Object.values(ports);
  return Object.entries(ports).flatMap(([name, port], index) => {
    const issues: PlanIssue[] = [];
    if (!PORT_NAME.test(name)) {
      issues.push({
        path,
        value: `"${name}"`,
        allowed: "up to 15 lower-case letters, digits and hyphens",
        fix: "rename the port",
      });
    }
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      issues.push({
        path: `${path}.${name}`,
        value: String(port),
        allowed: "1-65535",
        fix: "choose a port in that range",
      });
    }
    if (numbers.indexOf(port) !== index) {
      issues.push({
        path: `${path}.${name}`,
        value: `${port} twice`,
        allowed: "each port once",
        fix: "remove one of them",
      });
    }
    return issues;
  });
}

function scaleIssues(
  path: string,
  { autoscale, minReplicas, maxUnavailable, rollout }: ProcessPlan,
): readonly PlanIssue[] {
  const issues: PlanIssue[] = [];
  if (!Number.isInteger(minReplicas) || minReplicas < 1) {
    issues.push({
      path: `${path}.scale`,
      value: String(minReplicas),
      allowed: "a whole number from 1",
      fix: "run one pod at least, or switch the workload off",
    });
  }
  if (autoscale !== undefined && autoscale.max < autoscale.min) {
    const { min, max } = autoscale;
    issues.push({
      path: `${path}.scale.max`,
      value: String(max),
      allowed: `from min, ${min}`,
      fix: "raise max or lower min",
    });
  }
  if (autoscale !== undefined && !(autoscale.cpuPercent >= 10 && autoscale.cpuPercent <= 100)) {
    const value = String(autoscale.cpuPercent);
    issues.push({
      path: `${path}.scale.cpuPercent`,
      value,
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
    issues.push({
      path: `${path}.maxUnavailable`,
      value: `${maxUnavailable} of ${minReplicas} replicas`,
      allowed,
      fix,
    });
  }
  if (rollout === "recreate" && (minReplicas > 1 || autoscale !== undefined)) {
    const fix = 'scale to 1, or use rollout "rolling"';
    issues.push({
      path: `${path}.rollout`,
      value: `"recreate" with ${minReplicas} or more replicas`,
      allowed: "one replica",
      fix,
    });
  }
  return issues;
}

function graceIssues(
  path: string,
  { gracePeriodSeconds, drainSeconds, longestRequestSeconds }: ProcessPlan,
): readonly PlanIssue[] {
  const needed = drainSeconds + longestRequestSeconds;
  if (gracePeriodSeconds >= needed) return [];
  return [
    {
      path: `${path}.gracePeriodSeconds`,
      value: String(gracePeriodSeconds),
      allowed: `from ${needed}: ${drainSeconds} s to drain and ${longestRequestSeconds} s for the longest request`,
      fix: "raise it, or leave it out and it is derived",
    },
  ];
}

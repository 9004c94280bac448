import type { CronArgs } from "../../apps/cronArgs";
import { usualProbes, type Health, type ProbeCheck } from "../../apps/probe";
import type { BesideArgs, DaemonArgs, DeploymentArgs, ProcessArgs, StatefulArgs } from "../../apps/processArgs";
import type { Resources } from "../../apps/quantity";
import type {
  AppHealth,
  AppScale,
  BesideProcess,
  CronProcess,
  DaemonProcess,
  WebProcess,
  WorkerProcess,
} from "./appEntry";
import { portsOf, type PlacedProcess } from "./appLayout";

export const USUAL_RESOURCES: Resources = {
  cpu: { request: "100m", limit: "1" },
  memory: { request: "256Mi", limit: "512Mi" },
};
const BESIDE_RESOURCES: Resources = {
  cpu: { request: "50m", limit: "500m" },
  memory: { request: "64Mi", limit: "256Mi" },
};
const LONGEST_SECONDS = 60;
const CRON_SECONDS = 3600;
const CPU_PERCENT = 70;

type LastingProcess = WebProcess | WorkerProcess | DaemonProcess;

/** @param nodes how many the cluster has: a daemon's pods */
export function lastingProcesses(all: readonly PlacedProcess[], nodes: number): readonly ProcessArgs[] {
  return all.flatMap(({ process, objectName, image }): readonly ProcessArgs[] => {
    switch (process.kind) {
      case "web":
        return [{ ...webProcess(objectName, process), ...(image === undefined ? {} : { image }) }];
      case "worker":
        return [
          {
            ...lasting(objectName, process, process.longestJobSeconds),
            ...scheduled(process),
            scale: scaleOf(process.scale),
            ...(process.rollout === undefined ? {} : { rollout: process.rollout }),
          },
        ];
      case "daemon":
        return [{ ...lasting(objectName, process, undefined), kind: "daemon", nodes } satisfies DaemonArgs];
      case "cron":
        return [];
    }
  });
}

export function crons(all: readonly PlacedProcess[]): readonly CronArgs[] {
  return all.flatMap(({ process, objectName }) => (process.kind === "cron" ? [cron(objectName, process)] : []));
}

function cron(name: string, process: CronProcess): CronArgs {
  const { kind: _kind, name: _name, timeoutSeconds = CRON_SECONDS, resources = USUAL_RESOURCES, ...rest } = process;
  return { ...rest, name, timeoutSeconds, resources };
}

function webProcess(name: string, process: WebProcess): DeploymentArgs | StatefulArgs {
  const common = { ...lasting(name, process, process.longestRequestSeconds), ...scheduled(process) };
  const { ownVolume, scale, rollout } = process;
  if (ownVolume === undefined)
    return { ...common, scale: scaleOf(scale), ...(rollout === undefined ? {} : { rollout }) };
  return { ...common, kind: "stateful", volume: ownVolume, scale: typeof scale === "number" ? scale : scale.min };
}

function lasting(name: string, process: LastingProcess, longestSeconds = LONGEST_SECONDS) {
  const { command, args, env, resources = USUAL_RESOURCES, init, sidecars } = process;
  return {
    name,
    ...(command === undefined ? {} : { command }),
    ...(args === undefined ? {} : { args }),
    ...(env === undefined ? {} : { env }),
    ports: portsOf(process),
    probes: healthOf(process),
    resources,
    longestRequestSeconds: longestSeconds,
    ...(init === undefined ? {} : { init: init.map(beside) }),
    ...(sidecars === undefined ? {} : { sidecars: sidecars.map(beside) }),
  };
}

function scheduled({ placement }: WebProcess | WorkerProcess): Pick<DeploymentArgs, "placement"> {
  return placement === undefined ? {} : { placement };
}

function beside(process: BesideProcess): BesideArgs {
  return { ...process, resources: process.resources ?? BESIDE_RESOURCES };
}

function scaleOf(scale: AppScale): DeploymentArgs["scale"] {
  if (typeof scale === "number" || scale.cpuPercent !== undefined || scale.memoryPercent !== undefined) return scale;
  return { ...scale, cpuPercent: CPU_PERCENT };
}

function healthOf(process: LastingProcess): Health {
  const { health, startupSeconds } = process;
  // A web process is asked at its port, whatever the name; another at the port that its check names.
  const port = healthPort(process);
  switch (health.kind) {
    case "exit":
      return "exit";
    case "exec": {
      const check: ProbeCheck = { kind: "exec", command: health.command };
      return usualProbes(check, check, startupSeconds);
    }
    case "tcp": {
      const check: ProbeCheck = { kind: "tcp", port };
      return usualProbes(check, check, startupSeconds);
    }
    case "http": {
      const http = (path: string): ProbeCheck => ({ kind: "http", path, port });
      return usualProbes(http(health.path), http(health.livenessPath ?? health.path), startupSeconds);
    }
  }
}

/** The name of the port that a health check asks. */
function healthPort(process: LastingProcess): string {
  const wanted = portOf(process.health);
  if (process.kind !== "web") return "health";
  if (wanted === undefined) return "http";
  return Object.entries(portsOf(process)).find(([, number]) => number === wanted)?.[0] ?? String(wanted);
}

export function portOf(health: AppHealth): number | undefined {
  return "port" in health ? health.port : undefined;
}

import type { AppArgs, ImageRuntime } from "../../apps/appArgs";
import type { Probe, Probes } from "../../apps/probe";
import type { StatefulArgs } from "../../apps/processArgs";
import type { Resources } from "../../apps/quantity";
import type { Pods } from "../../topology/party";

/** Account "nobody" of the Prometheus project's images. They write to their volume only, where they have one. */
export const NOBODY: ImageRuntime = { uid: 65534, rootFilesystem: "readOnly", writableDirectories: [] };

/** What every application of the monitoring is called, and that they are parts of one thing. */
export function named({ app, namespace }: Pods): Pick<AppArgs, "name" | "namespace" | "partOf"> {
  return { name: app, namespace, partOf: "monitoring" };
}

/** Seconds that they may take to end: Prometheus writes down what it has in memory. */
export const SHUTDOWN_SECONDS = 45;

/** One pod, on the worker kept for monitoring: there is its volume, and its load disturbs nobody. */
export const SINGLE_POD = {
  scale: 1,
  placement: { only: "monitoring" },
  longestRequestSeconds: SHUTDOWN_SECONDS,
  // There is no other pod that could take its requests meanwhile.
  drainSeconds: 0,
} as const satisfies Partial<StatefulArgs>;

interface Asked {
  readonly port: string;
  /** Path that answers 200 when it can do its work. */
  readonly ready: string;
  /** Default: port. */
  readonly readyPort?: string;
  /** Path that answers 200 as long as it is sound. */
  readonly alive: string;
}

/** Prometheus reads its log of the last hours before it is ready: ten minutes are given to each for its start. */
export function probes({ port, ready, readyPort = port, alive }: Asked): Probes {
  const get = (path: string, at: string, periodSeconds: number, failureThreshold: number): Probe => ({
    check: { kind: "http", path, port: at },
    periodSeconds,
    timeoutSeconds: 5,
    failureThreshold,
  });
  return {
    startup: get(ready, readyPort, 5, 120),
    readiness: get(ready, readyPort, 10, 3),
    liveness: get(alive, port, 15, 4),
  };
}

/** "request-limit" of each. */
export function resources(cpu: readonly [string, string], memory: readonly [string, string]): Resources {
  return { cpu: { request: cpu[0], limit: cpu[1] }, memory: { request: memory[0], limit: memory[1] } };
}

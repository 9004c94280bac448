import type { ProcessPlan } from "./processPlan";
import { startupLimitSeconds } from "./probe";

/** Seconds for scheduling, and for an image that no node has yet: beyond what pods take for themselves. */
export const PULL_SECONDS = 300;

/** How long Pulumi waits, in its own form ("900s"). Its default is ten minutes, whatever is waited for. */
export interface AwaitLimits {
  readonly create: string;
  readonly update: string;
  readonly delete: string;
}

export interface RollOut {
  readonly pods: number;
  /** Pods that are exchanged at the same time. */
  readonly atOnce: number;
  /** Until a pod counts as up. */
  readonly startSeconds: number;
  /** From the order to stop until the kill. */
  readonly graceSeconds: number;
}

/** The longest that all pods may take to be exchanged: as many rounds as needed, in each of which one goes and one comes. */
export function rollOutSeconds({ pods, atOnce, startSeconds, graceSeconds }: RollOut): number {
  return PULL_SECONDS + Math.ceil(pods / atOnce) * (startSeconds + graceSeconds);
}

export function rollOutOf(process: ProcessPlan): RollOut {
  const { gracePeriodSeconds: graceSeconds, probes } = process;
  const common = { startSeconds: startupLimitSeconds(probes), graceSeconds };
  switch (process.kind) {
    case "deployment": {
      const pods = process.autoscale?.max ?? process.minReplicas;
      // As in renderWorkload: all, or a quarter more than there are, rounded up.
      return { ...common, pods, atOnce: process.rollout === "recreate" ? pods : Math.ceil(pods / 4) };
    }
    case "stateful":
      return { ...common, pods: process.minReplicas, atOnce: 1 };
    case "daemon":
      return { ...common, pods: process.nodes, atOnce: 1 };
  }
}

/** @param seconds the longest that it may take until it is as it should be. */
export function awaitLimits(seconds: number, graceSeconds: number): AwaitLimits {
  return { create: `${seconds}s`, update: `${seconds}s`, delete: `${PULL_SECONDS + graceSeconds}s` };
}

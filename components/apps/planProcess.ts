import type { DeploymentArgs, Placement, ProcessArgs, StatefulArgs } from "./processArgs";
import type { CommonPlan, ProcessPlan, ScheduledPlan } from "./processPlan";

/** Seconds beyond the longest request that a process gets to close its connections. */
const CLOSING_SECONDS = 15;
const DEFAULT_DRAIN_SECONDS = 10;
/** Of whatever does not say another. */
export const DEFAULT_PLACEMENT: Placement = { avoid: ["ai", "monitoring"], strict: false };

/** Fills in the defaults. */
export function planProcess(args: ProcessArgs): ProcessPlan {
  switch (args.kind) {
    case "stateful":
      return {
        kind: "stateful",
        ...common(args, hasPorts(args)),
        ...scheduled(args, args.scale),
        volume: args.volume,
        headless: args.headless,
        rollout: args.rollout ?? "rolling",
      };
    case "daemon":
      return {
        kind: "daemon",
        nodes: args.nodes,
        ...common(args, false),
        nodeNetwork: args.nodeNetwork ?? false,
        nodeFilesAt: args.nodeFilesAt,
      };
    default: {
      const { scale } = args;
      return {
        kind: "deployment",
        ...common(args, hasPorts(args)),
        ...scheduled(args, typeof scale === "number" ? scale : scale.min),
        autoscale: typeof scale === "number" ? undefined : scale,
        rollout: args.rollout ?? "rolling",
      };
    }
  }
}

function hasPorts({ ports = {} }: ProcessArgs): boolean {
  return Object.keys(ports).length > 0;
}

function common(args: ProcessArgs, hasService: boolean): CommonPlan {
  const { name, image, command, args: arguments_, env = {}, podFields = {}, ports = {}, probes, resources } = args;
  const { init = [], sidecars = [] } = args;
  const drainSeconds = args.drainSeconds ?? (hasService ? DEFAULT_DRAIN_SECONDS : 0);
  return {
    name,
    ...(image === undefined ? {} : { image }),
    ...(command === undefined ? {} : { command }),
    ...(arguments_ === undefined ? {} : { args: arguments_ }),
    env,
    podFields,
    ports,
    probes,
    resources,
    longestRequestSeconds: args.longestRequestSeconds,
    drainSeconds,
    gracePeriodSeconds: args.gracePeriodSeconds ?? drainSeconds + args.longestRequestSeconds + CLOSING_SECONDS,
    init,
    sidecars,
  };
}

function scheduled(args: DeploymentArgs | StatefulArgs, minReplicas: number): ScheduledPlan {
  return {
    minReplicas,
    maxUnavailable: args.maxUnavailable ?? (minReplicas > 1 ? 1 : undefined),
    placement: args.placement ?? DEFAULT_PLACEMENT,
  };
}

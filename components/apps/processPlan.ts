import type { Autoscale, DaemonArgs, DeploymentArgs, Placement, ProcessArgs, StatefulArgs } from "./processArgs";

/** A process with all defaults in place. */
export type ProcessPlan = DeploymentPlan | StatefulPlan | DaemonPlan;

type Defaulted = "env" | "podFields" | "ports" | "drainSeconds" | "gracePeriodSeconds" | "init" | "sidecars";
type Common = Pick<
  ProcessArgs,
  "name" | "image" | "command" | "args" | "probes" | "resources" | "longestRequestSeconds" | Defaulted
>;
export type CommonPlan = Common & Required<Pick<Common, Defaulted>>;

export interface ScheduledPlan {
  /** Replicas where they are fixed, else the lower bound. */
  readonly minReplicas: number;
  /** Undefined: no budget, the only pod may be evicted. */
  readonly maxUnavailable: number | undefined;
  readonly placement: Placement;
}

export interface DeploymentPlan extends CommonPlan, ScheduledPlan {
  readonly kind: "deployment";
  readonly autoscale: Autoscale | undefined;
  readonly rollout: NonNullable<DeploymentArgs["rollout"]>;
}

export interface StatefulPlan extends CommonPlan, ScheduledPlan, Pick<StatefulArgs, "volume"> {
  readonly kind: "stateful";
  readonly headless: string | undefined;
  readonly rollout: NonNullable<StatefulArgs["rollout"]>;
}

export interface DaemonPlan extends CommonPlan {
  readonly kind: "daemon";
  readonly nodes: number;
  readonly nodeNetwork: boolean;
  readonly nodeFilesAt: DaemonArgs["nodeFilesAt"];
}

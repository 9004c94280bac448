import * as pulumi from "@pulumi/pulumi";
import { HostGroup } from "../machines/hostGroup";
import type { HostPlan } from "../machines/hostPlan";
import type { MachineContext } from "../machines/machineContext";

export interface HaproxyPairArgs {
  /** The HAProxy hosts, their configuration merged from HaproxyService.fragment and what else runs on them. */
  readonly hosts: readonly HostPlan[];
  readonly machines: MachineContext;
}

/**
 * The machines between the data load balancer and the clusters: HAProxy, with PgBouncer beside it. They need no
 * cluster to start: HAProxy waits for backends by its checks, PgBouncer connects on demand.
 *
 * @example
 * const haproxy = new HaproxyPair("haproxy", { hosts: plans.of("haproxy"), machines });
 */
export class HaproxyPair extends pulumi.ComponentResource {
  readonly group: HostGroup;
  /** What to wait for before its ports are used. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: HaproxyPairArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:balancing:HaproxyPair", name, {}, opts);
    this.group = new HostGroup(`${name}-hosts`, args, { parent: this });
    this.ready = this.group.ready;
    this.registerOutputs();
  }
}

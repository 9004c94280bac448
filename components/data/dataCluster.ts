import * as pulumi from "@pulumi/pulumi";
import { HostGroup } from "../machines/hostGroup";
import type { HostPlan } from "../machines/hostPlan";
import type { MachineContext } from "../machines/machineContext";

export interface DataClusterArgs {
  /** The members, their configuration merged from the service's fragment and what else runs on them. */
  readonly hosts: readonly HostPlan[];
  readonly machines: MachineContext;
  /**
   * What the members need once as a cluster, e.g. accounts of consumers: idempotent bash for the first of them,
   * with secret placeholders. Default: nothing.
   */
  readonly clusterScript?: string;
}

/** What all clusters of the data tier are: machines, and a moment from which they may be used. */
export abstract class DataCluster extends pulumi.ComponentResource {
  readonly group: HostGroup;
  /** What a consumer waits for. */
  readonly ready: readonly pulumi.Resource[];

  constructor(type: string, name: string, args: DataClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super(`keybuzz:data:${type}`, name, {}, opts);
    this.group = new HostGroup(`${name}-hosts`, { hosts: args.hosts, machines: args.machines }, { parent: this });
    const { applied } = this.group;
    if (args.clusterScript === undefined) {
      this.ready = applied;
    } else {
      const accounts = this.group.first.task(`${name}-accounts`, { script: args.clusterScript, dependsOn: applied });
      this.ready = [...applied, accounts];
    }
    this.registerOutputs();
  }
}

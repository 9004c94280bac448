import type * as pulumi from "@pulumi/pulumi";
import { DataCluster, type DataClusterArgs } from "./dataCluster";

/** RabbitMQ's members. */
export class RabbitCluster extends DataCluster {
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: DataClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("RabbitCluster", name, args, opts);
    this.ready = this.group.applied;
    this.registerOutputs();
  }
}

import type * as pulumi from "@pulumi/pulumi";
import { DataCluster, type DataClusterArgs } from "../dataCluster";

/** RabbitMQ's members. */
export class RabbitCluster extends DataCluster {
  constructor(name: string, args: DataClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("RabbitCluster", name, args, opts);
  }
}

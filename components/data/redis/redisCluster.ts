import type * as pulumi from "@pulumi/pulumi";
import { DataCluster, type DataClusterArgs } from "../dataCluster";

/** Redis' members with a Sentinel beside each. */
export class RedisCluster extends DataCluster {
  constructor(name: string, args: DataClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("RedisCluster", name, args, opts);
  }
}

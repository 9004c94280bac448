import type * as pulumi from "@pulumi/pulumi";
import { DataCluster, type DataClusterArgs } from "../dataCluster";

/** MariaDB's members, replicating by Galera. */
export class GaleraCluster extends DataCluster {
  constructor(name: string, args: DataClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("GaleraCluster", name, args, opts);
  }
}

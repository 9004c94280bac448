import type * as pulumi from "@pulumi/pulumi";
import { DataCluster, type DataClusterArgs } from "../dataCluster";

/** MinIO's machines: the object store, while it is MinIO. */
export class MinioObjectStore extends DataCluster {
  constructor(name: string, args: DataClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("MinioObjectStore", name, args, opts);
  }
}

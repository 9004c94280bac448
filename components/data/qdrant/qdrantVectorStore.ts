import type * as pulumi from "@pulumi/pulumi";
import { DataCluster, type DataClusterArgs } from "../dataCluster";

/** Qdrant's machine. */
export class QdrantVectorStore extends DataCluster {
  constructor(name: string, args: DataClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("QdrantVectorStore", name, args, opts);
  }
}

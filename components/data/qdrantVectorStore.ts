import type * as pulumi from "@pulumi/pulumi";
import { DataCluster, type DataClusterArgs } from "./dataCluster";

/** Qdrant's machine. */
export class QdrantVectorStore extends DataCluster {
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: DataClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("QdrantVectorStore", name, args, opts);
    this.ready = this.group.applied;
    this.registerOutputs();
  }
}

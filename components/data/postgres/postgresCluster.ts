import type * as pulumi from "@pulumi/pulumi";
import { DataCluster, type DataClusterArgs } from "../dataCluster";
import type { PostgresService } from "./postgresService";

export interface PostgresClusterArgs extends Pick<DataClusterArgs, "hosts" | "machines"> {
  readonly service: PostgresService;
}

/**
 * PostgreSQL's members and, once they form a cluster, the databases and roles that consumers asked for.
 *
 * @example
 * const postgres = new PostgresCluster("postgres", { service, hosts: plans.of("postgres"), machines });
 */
export class PostgresCluster extends DataCluster {
  constructor(name: string, args: PostgresClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const { service, hosts, machines } = args;
    super(
      "PostgresCluster",
      name,
      {
        hosts,
        machines,
        clusterScript: service.databasesScript(),
        clusterScriptMakes: "databases",
        rolling: (host) => service.rolling(host),
      },
      opts,
    );
  }
}

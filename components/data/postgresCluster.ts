import * as pulumi from "@pulumi/pulumi";
import { HostGroup } from "../machines/hostGroup";
import type { HostPlan } from "../machines/hostPlan";
import type { MachineContext } from "../machines/machineContext";
import { retireLogins, rollOut } from "./dataCluster";
import type { PostgresService } from "./postgresService";

export interface PostgresClusterArgs {
  readonly service: PostgresService;
  /** The members, their configuration merged from PostgresService.fragment and what else runs on them. */
  readonly hosts: readonly HostPlan[];
  readonly machines: MachineContext;
}

/**
 * PostgreSQL's members and, once they form a cluster, the databases and roles that consumers asked for.
 *
 * @example
 * const postgres = new PostgresCluster("postgres", { service, hosts: plans.of("postgres"), machines });
 */
export class PostgresCluster extends pulumi.ComponentResource {
  readonly group: HostGroup;
  /** What a consumer waits for: its database exists and its password is set. */
  readonly ready: readonly pulumi.Resource[];

  constructor(
    private readonly name: string,
    args: PostgresClusterArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("keybuzz:data:PostgresCluster", name, {}, opts);
    this.group = new HostGroup(`${name}-hosts`, args, { parent: this });
    const databases = this.group.first.task(`${name}-databases`, {
      script: args.service.databasesScript(),
      dependsOn: this.group.applied,
    });
    // After the settings of the whole cluster: some of them want a restart too.
    this.ready = rollOut(name, { rolling: (host) => args.service.rolling(host) }, this.group, [
      ...this.group.applied,
      databases,
    ]);
    this.registerOutputs();
  }

  /** Ends the logins of before a rotation. @param consumers all that must have the new ones first. */
  retire(script: string | undefined, consumers: readonly pulumi.Resource[]): void {
    retireLogins(this.name, this.group, script, [...this.ready, ...consumers]);
  }
}

import * as pulumi from "@pulumi/pulumi";
import { HostGroup } from "../../machines/hostGroup";
import type { HostPlan } from "../../machines/hostPlan";
import type { MachineContext } from "../../machines/machineContext";

export interface ProxySqlPairArgs {
  readonly hosts: readonly HostPlan[];
  readonly machines: MachineContext;
}

/** The machines between the MariaDB load balancer and Galera. */
export class ProxySqlPair extends pulumi.ComponentResource {
  readonly group: HostGroup;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: ProxySqlPairArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:balancing:ProxySqlPair", name, {}, opts);
    this.group = new HostGroup(`${name}-hosts`, args, { parent: this });
    this.ready = this.group.ready;
    this.registerOutputs();
  }
}

import * as pulumi from "@pulumi/pulumi";
import { HostGroup } from "../machines/hostGroup";
import type { HostPlan } from "../machines/hostPlan";
import type { MachineContext } from "../machines/machineContext";
import type { HostRef } from "../topology/party";
import { FORMED_SECONDS, formedScript, turnScript, turns, type RollingRestart } from "./rollingRestart";

export interface DataClusterArgs {
  /** The members, their configuration merged from the service's fragment and what else runs on them. */
  readonly hosts: readonly HostPlan[];
  readonly machines: MachineContext;
  /**
   * What the members need once as a cluster, e.g. accounts of consumers: idempotent bash for the first of them,
   * with secret placeholders. Default: nothing.
   */
  readonly clusterScript?: string;
  /** What that script makes, in its resource's name. Default "accounts". */
  readonly clusterScriptMakes?: string;
  /** How a running member takes a change that needs a restart. Default: none needs one. */
  readonly rolling?: (host: HostRef) => RollingRestart;
}

/** The longest that one member's turn may take: it hands over, restarts, and catches up. */
const TURN_SECONDS = 2400;

/**
 * Members that have found each other, and then the restarts that they keep for their turn: one member after the
 * other, in the graph itself. The first that fails ends the roll-out. @returns what to wait for.
 */
function rollOut(
  name: string,
  args: Pick<DataClusterArgs, "rolling">,
  group: HostGroup,
  after: readonly pulumi.Resource[],
): readonly pulumi.Resource[] {
  const { rolling } = args;
  if (rolling === undefined) return after;
  const hosts = [...group.hosts.values()];
  const formed = group.first.task(`${name}-formed`, {
    script: formedScript(rolling(group.first.plan)),
    dependsOn: after,
    timeoutSeconds: 2 * FORMED_SECONDS,
  });
  let before: readonly pulumi.Resource[] = [formed];
  for (const turn of turns(
    rolling(group.first.plan),
    hosts.map(({ plan }) => plan),
  )) {
    const host = group.hosts.get(turn.host.name);
    if (host === undefined) throw new Error(`${name}: ${turn.host.name} is no member`);
    const step = host.followUp(`${name}-turn-${turn.host.name}${turn.pass === "leader" ? "-leader" : ""}`, {
      script: turnScript(rolling(turn.host), turn),
      dependsOn: before,
      timeoutSeconds: TURN_SECONDS,
    });
    before = [step];
  }
  return [...after, ...before];
}

/** What all clusters of the data tier are: machines, and a moment from which they may be used. */
export abstract class DataCluster extends pulumi.ComponentResource {
  readonly group: HostGroup;
  /** What a consumer waits for. */
  readonly ready: readonly pulumi.Resource[];

  constructor(
    type: string,
    private readonly name: string,
    args: DataClusterArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(`keybuzz:data:${type}`, name, {}, opts);
    this.group = new HostGroup(`${name}-hosts`, { hosts: args.hosts, machines: args.machines }, { parent: this });
    const { applied } = this.group;
    const made =
      args.clusterScript === undefined
        ? applied
        : [
            ...applied,
            this.group.first.task(`${name}-${args.clusterScriptMakes ?? "accounts"}`, {
              script: args.clusterScript,
              dependsOn: applied,
            }),
          ];
    // After the cluster's script: some of PostgreSQL's settings want a restart, too.
    this.ready = rollOut(name, args, this.group, made);
    this.registerOutputs();
  }

  /** Ends the logins of before a rotation. @param consumers all that must have the new ones first. */
  retire(script: string | undefined, consumers: readonly pulumi.Resource[]): void {
    if (script !== undefined)
      this.group.first.task(`${this.name}-retire`, { script, dependsOn: [...this.ready, ...consumers] });
  }
}

import * as pulumi from "@pulumi/pulumi";
import { HostGroup } from "../machines/hostGroup";
import type { HostPlan } from "../machines/hostPlan";
import type { MachineContext } from "../machines/machineContext";
import type { MemberTurn } from "../machines/resizing";
import type { DataService } from "./dataService";
import { FORMED_SECONDS, formedScript, powerTurn, turnScript, turns } from "./rollingRestart";

export interface DataClusterArgs {
  /** The members, their configuration merged from the service's fragment and what else runs on them. */
  readonly hosts: readonly HostPlan[];
  readonly machines: MachineContext;
}

/** The longest that one member's turn may take: it hands over, restarts, and catches up. */
const TURN_SECONDS = 2400;

/** A cluster of the data tier: its machines, and a moment from which they may be used. */
export class DataCluster extends pulumi.ComponentResource {
  readonly group: HostGroup;
  /** What a consumer waits for. */
  readonly ready: readonly pulumi.Resource[];

  constructor(
    private readonly service: DataService,
    args: DataClusterArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { name } = service;
    super(`keybuzz:data:${service.token}`, name, {}, opts);
    const turn = (host: HostPlan): MemberTurn | undefined => {
      const rolling = service.rolling(host);
      return rolling === undefined ? undefined : powerTurn(rolling, host, args.hosts.length);
    };
    this.group = new HostGroup(`${name}-hosts`, { ...args, turn }, { parent: this });
    const { ready, first } = this.group;
    const job = service.clusterJob();
    const made =
      job === undefined
        ? ready
        : [...ready, first.task(`${name}-${job.makes}`, { script: job.script, dependsOn: ready })];
    // After the cluster's script: some of PostgreSQL's settings want a restart, too.
    this.ready = this.#rollOut(made);
    this.registerOutputs();
  }

  /** Ends the logins of before a rotation. @param consumers all that must have the new ones first. */
  retire(consumers: readonly pulumi.Resource[]): void {
    const script = this.service.retireScript();
    if (script !== undefined)
      this.group.first.task(`${this.service.name}-retire`, { script, dependsOn: [...this.ready, ...consumers] });
  }

  /**
   * Members that have found each other, and then the restarts that they keep for their turn: one member after the
   * other, in the graph itself. The first that fails ends the roll-out. @returns what to wait for.
   */
  #rollOut(after: readonly pulumi.Resource[]): readonly pulumi.Resource[] {
    const { service, group } = this;
    const { name } = service;
    const rolling = service.rolling(group.first.plan);
    if (rolling === undefined) return after;
    const formed = group.first.task(`${name}-formed`, {
      script: formedScript(rolling),
      dependsOn: after,
      timeoutSeconds: 2 * FORMED_SECONDS,
    });
    let before: readonly pulumi.Resource[] = [formed];
    const hosts = [...group.hosts.values()];
    for (const turn of turns(
      rolling,
      hosts.map(({ plan }) => plan),
    )) {
      const host = group.hosts.get(turn.host.name);
      if (host === undefined) throw new Error(`${name}: ${turn.host.name} is no member`);
      const step = host.followUp(`${name}-turn-${turn.host.name}${turn.pass === "leader" ? "-leader" : ""}`, {
        script: turnScript(service.rolling(turn.host) ?? rolling, turn),
        dependsOn: before,
        timeoutSeconds: TURN_SECONDS,
      });
      before = [step];
    }
    return [...after, ...before];
  }
}

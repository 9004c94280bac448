import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { Host } from "./host";
import type { HostPlan } from "./hostPlan";
import { joinedScript, joinedSeconds, joins } from "./joined";
import type { MachineContext } from "./machineContext";
import type { MemberTurn } from "./resizing";
import { placementName, placementNumber } from "./placement";

export interface HostGroupArgs {
  /** All of one group. */
  readonly hosts: readonly HostPlan[];
  readonly machines: MachineContext;
  /** Do the members' daemons wait for each other, where they cannot start alone? Default true. */
  readonly waitForEachOther?: boolean;
  /** What the cluster wants around a change of a member's server type. Default: nothing. */
  readonly turn?: (host: HostPlan) => MemberTurn | undefined;
  /** Who runs those scripts. Default: each its own. */
  readonly turnBy?: Host;
  /** What else they wait for. Default: nothing. */
  readonly joinAfter?: readonly pulumi.Resource[];
}

/** The machines of one cluster, each on another physical host where there are several. */
export class HostGroup extends pulumi.ComponentResource {
  /** By host name. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** Each member has its configuration; daemons that wait for others may still do so. */
  readonly applied: readonly pulumi.Resource[];
  /** By host name: daemons that wait for those of other machines have started. None for a host without such daemons. */
  readonly joined: ReadonlyMap<string, pulumi.Resource>;
  /** What to wait for before the group is used. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: HostGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:machines:HostGroup", name, {}, opts);
    const placement = new Map<number, hcloud.PlacementGroup>();
    const placementOf = (index: number): hcloud.PlacementGroup | undefined => {
      const number = placementNumber(index, args.hosts.length);
      if (number === undefined) return undefined;
      const known = placement.get(number);
      if (known !== undefined) return known;
      const groupName = placementName(name, number);
      const made = new hcloud.PlacementGroup(
        groupName,
        { name: groupName, type: "spread", labels: { ...args.machines.labels } },
        { parent: this },
      );
      placement.set(number, made);
      return made;
    };
    const { turnBy } = args;
    const isResized = ({ name }: HostPlan): boolean => args.machines.resizing?.servers.has(name) === true;
    // Members whose type changes go one after the other, the one that is preferred for writes last.
    const resized = [...args.hosts].reverse().filter(isResized);
    const order = [...resized, ...args.hosts.filter((plan) => !resized.includes(plan))];
    const made = new Map<string, Host>();
    // Whoever runs their scripts is not switched off meanwhile.
    let before: readonly hcloud.Server[] = turnBy !== undefined && isResized(turnBy.plan) ? [turnBy.server] : [];
    for (const plan of order) {
      const placementGroup = placementOf(args.hosts.indexOf(plan));
      const turn = args.turn?.(plan);
      const host = new Host(
        plan.name,
        {
          plan,
          machines: args.machines,
          ...(placementGroup === undefined ? {} : { placementGroup }),
          ...(resized.includes(plan)
            ? {
                after: before,
                ...(turn === undefined ? {} : { turn }),
                ...(turnBy === undefined ? {} : { turnBy }),
              }
            : {}),
        },
        { parent: this },
      );
      made.set(plan.name, host);
      if (resized.includes(plan)) before = [host.server];
    }
    this.hosts = new Map(
      args.hosts.flatMap(({ name }) => {
        const host = made.get(name);
        return host === undefined ? [] : [[name, host] as const];
      }),
    );
    this.applied = [...this.hosts.values()].map((host) => host.applied);
    // Nobody's configuration waits for another's: the next one may begin only when this one has ended.
    const members = args.waitForEachOther === false ? [] : this.applied;
    const dependsOn = [...members, ...(args.joinAfter ?? [])];
    const joining = [...this.hosts].filter(([, { plan }]) => joins(plan.config));
    this.joined = new Map(
      joining.map(([name, host]) => {
        const script = joinedScript(host.plan.config);
        const timeoutSeconds = joinedSeconds(host.plan.config);
        return [name, host.followUp(`${name}-joined`, { script, timeoutSeconds, dependsOn })];
      }),
    );
    this.ready = [...this.applied, ...this.joined.values()];
    this.registerOutputs();
  }

  /** Servers by host name, as targets of a load balancer. */
  get servers(): ReadonlyMap<string, hcloud.Server> {
    return new Map([...this.hosts].map(([name, host]) => [name, host.server]));
  }

  /** The host that jobs of the whole cluster run on. */
  get first(): Host {
    const [host] = this.hosts.values();
    if (host === undefined) throw new Error("a host group without hosts has no first host");
    return host;
  }
}

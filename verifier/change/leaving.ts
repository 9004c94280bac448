import { flowLabel, partyLabel, type Declaration, type DeclaredFlow, type DeclaredParty } from "../declaration";
import { GraphIndex, text, type EmittedGraph, type EmittedResource } from "../read/graph";
import { HOST, SERVER } from "../read/knownTypes";
import { buildWorld } from "../read/world";
import { flowTrails } from "../walk/flowTrails";
import { Paths } from "../walk/paths";
import { blockedAt } from "../walk/steps";
import type { Harm } from "./harm";
import type { MachineEffect } from "./machines";
import type { Change } from "./movement";

const TARGET = "hcloud:index/loadBalancerTarget:LoadBalancerTarget";

/**
 * Is every flow of before still open for machines that leave, until they have left? Deletions come last: when all else
 * is as it is to be, who leaves is still there, is asked by balancers and asks others.
 *
 * Other flows need no look of their own in between: who speaks to whom, by address and port, is the same before and
 * after, and the filters of both are proved, so any mixture of them lets it through.
 */
export function leavingHarms(change: Change, effects: readonly MachineEffect[], before: Declaration): readonly Harm[] {
  const emptied = emptiedHosts(change, before);
  const leaving = effects.filter(({ deed, host }) => deed === "deleted" && !emptied.has(host)).map(({ host }) => host);
  if (leaving.length === 0) return [];
  const graph = withLeaving(change, new Set(leaving));
  const paths = new Paths(buildWorld(graph));
  return leaving.flatMap((host): readonly Harm[] => {
    const closed = before.flows
      .flatMap((flow) => sides(flow, host))
      .flatMap((flow): readonly Closed[] => {
        for (const { trail } of flowTrails(paths, flow)) {
          const step = blockedAt(trail);
          if (step !== undefined) return [{ flow, at: step.at }];
        }
        return [];
      });
    return closed.length === 0 ? [] : [harmOf(host, closed)];
  });
}

/** Nobody asks for these any more: a run before has emptied them, and no balancer sends there. */
function emptiedHosts({ before: graph }: Change, before: Declaration): ReadonlySet<string> {
  const index = new GraphIndex(graph);
  const targets = index.ofType(TARGET).map((one) => index.refer(one, "serverId", SERVER)?.name);
  const marked = before.listeners.flatMap(({ leaving = [] }) => leaving);
  return new Set(marked.filter((host) => !targets.includes(host)));
}

interface Closed {
  readonly flow: DeclaredFlow;
  readonly at: string;
}

function harmOf(host: string, closed: readonly Closed[]): Harm {
  const first = closed.slice(0, 3).map(({ flow, at }) => `${flowLabel(flow)} at ${at}`);
  const more = closed.length > 3 ? `; and ${closed.length - 3} more` : "";
  return {
    kind: "way",
    subject: host,
    why: `it leaves at the end of the run, and others close their filters for it before: ${first.join("; ")}${more}`,
    way: `let a run before empty it (leaving: true, where it is a worker); or take it out of service by hand (kubectl drain, its balancers' targets) and consent to ${host} by name`,
    names: [host],
  };
}

/** The flow from, and the flow to, one machine alone. */
function sides(flow: DeclaredFlow, host: string): readonly DeclaredFlow[] {
  const only = (party: DeclaredParty): DeclaredParty | undefined =>
    party.kind === "hosts" && party.hosts.includes(host) ? { ...party, hosts: [host] } : undefined;
  const [from, to] = [only(flow.from), only(flow.to.provider)];
  // With whoever else there is: among those that leave together nobody closes anything.
  return [
    ...(from === undefined ? [] : [{ ...flow, from }]),
    ...(to === undefined || flow.from.kind !== "hosts" ? [] : [{ ...flow, to: { ...flow.to, provider: to } }]),
  ].filter((one) => partyLabel(one.from) !== partyLabel(one.to.provider));
}

/** All that is wanted, and who leaves with what is on it, and as a target. */
function withLeaving({ before, after }: Change, hosts: ReadonlySet<string>): EmittedGraph {
  const there = new Set(after.resources.map(({ type, name }) => `${type} ${name}`));
  const index = new GraphIndex(before);
  const isOf = (one: EmittedResource): boolean => {
    if (one.type === SERVER) return hosts.has(text(one.inputs["name"]) ?? one.name);
    if (one.type === HOST) return hosts.has(text(one.inputs["host"]) ?? one.name);
    if (one.type === TARGET) return hosts.has(index.refer(one, "serverId", SERVER)?.name ?? "");
    return [...hosts].some((host) => one.name === `${host}-config`);
  };
  const gone = before.resources.filter((one) => !there.has(`${one.type} ${one.name}`) && isOf(one));
  // Its group may be gone, or have another id: nobody asks where it stands.
  return { resources: [...after.resources, ...gone.map((one) => (one.type === SERVER ? withoutGroup(one) : one))] };
}

function withoutGroup(server: EmittedResource): EmittedResource {
  const { placementGroupId: _group, ...inputs } = server.inputs;
  return { ...server, inputs };
}

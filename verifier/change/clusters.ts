import type { Host } from "../read/hosts";
import { VOTERS } from "../ask/alive";
import type { World } from "../read/world";
import { DURATIONS, secondsText, serviceName } from "./durations";
import type { Harm } from "./harm";
import type { Deed, MachineEffect } from "./machines";
import type { Order } from "./order";

/** While such a thing happens, the member takes no part. */
const AWAY: Readonly<Partial<Record<Deed, string>>> = {
  deleted: "be deleted",
  replaced: "be deleted and made anew",
  poweredOff: "be powered off",
  readdressed: "lose their address",
  stopped: "have their daemons stopped",
  restarted: "restart",
};
/** Without a word to the others before. */
const ABRUPT: ReadonlySet<Deed> = new Set<Deed>(["deleted", "replaced", "poweredOff", "readdressed", "stopped"]);
/** Machines whose pods have other machines to go to, and must be asked to go. */
const WORKERS = "k3sAgents";
/** More members than that are not held against each other in every combination. */
const FEW = 12;

/**
 * Has every cluster its majority, and every service somebody, at each moment that the order allows? And is nobody away
 * for longer than the environment allows?
 */
export function clusterHarms(
  world: World,
  effects: readonly MachineEffect[],
  order: Order,
  budget: Readonly<Record<string, number>>,
): readonly Harm[] {
  const groups = new Map<string, Host[]>();
  for (const host of world.hosts.values()) groups.set(host.group, [...(groups.get(host.group) ?? []), host]);
  return [...groups].flatMap(([group, members]): readonly Harm[] => {
    const names = new Set(members.map(({ name }) => name));
    const away = effects.filter(({ host, deed }) => names.has(host) && AWAY[deed] !== undefined);
    if (away.length === 0) return [];
    const together = largestTogether(away, order);
    const many = lostMajority(group, members, together);
    return many.length > 0 ? many : away.flatMap((one) => abrupt(group, members, one, budget));
  });
}

function lostMajority(group: string, members: readonly Host[], together: readonly MachineEffect[]): readonly Harm[] {
  const spare = spareOf(members);
  const [first] = together;
  if (first === undefined || members.length < 2 || together.length <= spare) return [];
  // Who only restarts is back at once where nobody has to be elected.
  if (!votes(members) && together.every(({ deed }) => deed === "restarted")) return [];
  const hosts = together.map(({ host }) => host);
  const verbs = [...new Set(together.map(({ deed }) => AWAY[deed]))].join(" or ");
  const goesOn = votes(members)
    ? `goes on only with ${members.length - spare} of ${members.length}`
    : "has nobody left then";
  return [
    {
      kind: "majority",
      subject: serviceName(group),
      why: `${listed(hosts)} may ${verbs} at the same time: nothing orders these steps, and ${serviceName(group)} ${goesOn}`,
      way: `${spare === 1 ? "one machine" : `at most ${Math.max(spare, 1)} machines`} a run, and the next when the cluster is whole again`,
      names: hosts,
    },
  ];
}

/** One member that goes without a word: who led is missing until the others have noticed. */
function abrupt(
  group: string,
  members: readonly Host[],
  { host, deed, inTurn, because }: MachineEffect,
  budget: Readonly<Record<string, number>>,
): readonly Harm[] {
  const reason = because.length === 0 ? "" : ` (${because.join(", ")})`;
  if (inTurn || members.length < 2 || !(ABRUPT.has(deed) || (deed === "restarted" && votes(members)))) return [];
  if (group === WORKERS)
    return deed === "poweredOff" || deed === "readdressed"
      ? [
          {
            kind: "route",
            subject: `pods on ${host}`,
            why: `${host} is to ${singular(deed)}${reason} with its pods on it: they answer nobody until they run elsewhere`,
            way: `kubectl drain ${host} --ignore-daemonsets --delete-emptydir-data before, kubectl uncordon ${host} afterwards, and consent to it by name`,
            names: [host],
          },
        ]
      : [];
  const { handOver, lost } = DURATIONS.services[group] ?? {};
  const allowed = budget[group] ?? (handOver ?? lost)?.[1];
  if (lost === undefined || allowed === undefined || lost[1] <= allowed) return [];
  return [
    {
      kind: "budget",
      subject: serviceName(group),
      why: `${host} is to ${singular(deed)}${reason} without handing over: if it leads, writes wait ${secondsText(lost)}, and ${allowed} s are allowed`,
      way: `let another member lead before, and consent to ${host} by name; or allow more: outageBudget: { ${group}: ${Math.ceil(lost[1])} }`,
      names: [host],
    },
  ];
}

const singular = (deed: Deed): string => (AWAY[deed] ?? deed).replace("their", "its").replace("daemons", "daemon");

function votes(members: readonly Host[]): boolean {
  return members.some(({ listeners }) => listeners.some(({ daemon }) => VOTERS.has(daemon)));
}

/** How many may be away at once. */
function spareOf(members: readonly Host[]): number {
  return votes(members) ? Math.floor((members.length - 1) / 2) : members.length - 1;
}

/** Members that may be away at the same time: the largest set of which no two are kept apart. */
function largestTogether(away: readonly MachineEffect[], order: Order): readonly MachineEffect[] {
  const hosts = [...new Set(away.map(({ host }) => host))];
  const apart = (a: MachineEffect, b: MachineEffect): boolean =>
    a.host === b.host || keptApart(a, b, order) || keptApart(b, a, order);
  let largest: readonly MachineEffect[] = [];
  const grow = (chosen: readonly MachineEffect[], rest: readonly MachineEffect[]): void => {
    if (chosen.length > largest.length) largest = chosen;
    if (chosen.length + rest.length <= largest.length) return;
    rest.forEach((one, index) => {
      // Of many, those that are met first: what is parallel there is parallel among all.
      if (hosts.length > FEW && index > 0) return;
      const later = rest.slice(index + 1);
      grow([...chosen, one], later.filter((other) => !apart(one, other))); // prettier-ignore
    });
  };
  if (hosts.length <= FEW) grow([], away);
  else away.forEach((_, index) => grow([], away.slice(index)));
  return largest;
}

/** Has the first one ended, and the cluster recovered from it, before the second begins? */
function keptApart(first: MachineEffect, second: MachineEffect, order: Order): boolean {
  if (first.by === second.by) return false;
  return first.inTurn ? order.precedes(first.by, second.by) : order.precedesHealthy(first.by, second.by);
}

/** "a, b and c". */
export function listed(names: readonly string[]): string {
  const all = [...new Set(names)];
  return all.length < 2 ? (all[0] ?? "") : `${all.slice(0, -1).join(", ")} and ${all.at(-1) ?? ""}`;
}

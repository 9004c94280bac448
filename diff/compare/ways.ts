import { flowLabel, partyLabel, type DeclaredFlow, type DeclaredParty } from "../../verifier/declaration";
import { flowTrails } from "../../verifier/walk/flowTrails";
import type { Effect } from "../model/model";
import { groupBy, listed, unique } from "./names";
import { members, strangersTo, type Side } from "./side";

/** One source that can open connections to one destination, because a flow is declared and every filter is open. */
interface Way {
  readonly from: string;
  readonly to: string;
  readonly flow: DeclaredFlow;
}

/** Who can now reach whom, and who no longer can: the flows of both sides, walked through both sides' filters. */
export function wayEffects(base: Side, head: Side): readonly Effect[] {
  const [before, after] = [waysOf(base), waysOf(head)];
  const opened = [...after].flatMap(([key, way]) => (before.has(key) ? [] : [way]));
  const closed = [...before].flatMap(([key, way]) => (after.has(key) ? [] : [way]));
  return [...tell("opened", opened, base), ...tell("closed", closed, head)];
}

function waysOf({ declaration, verdict }: Side): ReadonlyMap<string, Way> {
  const blocked = new Set(verdict.findings.filter(({ question }) => question === "open").map(({ subject }) => subject));
  const ways = new Map<string, Way>();
  for (const flow of declaration.flows) {
    if (blocked.has(flowLabel(flow))) continue;
    for (const from of members(flow.from)) {
      for (const to of members(flow.to.provider)) {
        if (from !== to) ways.set(`${from} ${to} ${flow.to.port} ${flow.to.protocol}`, { from, to, flow });
      }
    }
  }
  return ways;
}

/** @param other the side that has no such ways: its filters say what stands between. */
function tell(kind: "opened" | "closed", ways: readonly Way[], other: Side): readonly Effect[] {
  const strangers = strangersTo(other);
  // All that comes or goes with a party is one thing that happens, not many.
  const partyOf = ({ from, to }: Way): string =>
    strangers(from) ? `from ${from}` : strangers(to) ? `to ${to}` : "both";
  return [...groupBy(ways, partyOf)].flatMap(([place, some]) => {
    const [first] = some;
    if (first === undefined) return [];
    if (place === "both") {
      const told = [...groupBy(some, ({ flow }) => flowLabel(flow)).values()].map((few) => changed(kind, few, other));
      return [...groupBy(told, (one) => [one.kind, one.subject, one.verb, ...one.by].join("|")).values()].map(together);
    }
    const verb = kind === "opened" ? "may now" : "may no longer";
    const [subject, what] = place.startsWith("from ")
      ? [first.from, `${verb} reach ${listed(unique(some.map(({ flow }) => endpoint(flow))), 12)}`]
      : [first.to, `${verb} be reached by ${listed(unique(some.map(({ flow }) => partyLabel(flow.from))), 12)}`];
    const party = kind === "opened" ? "new" : "gone";
    return [{ kind, subject, what, by: [party === "new" ? "it is new" : "it is gone"], party }];
  });
}

const endpoint = ({ to }: DeclaredFlow): string => `${to.id} (${partyLabel(to.provider)}:${to.port})`;

/** What is told of the ways of one flow. */
interface Told extends Pick<Effect, "kind" | "subject" | "by"> {
  readonly verb: string;
  readonly target: string;
}

/** The same sources, by the same filters, to several destinations. */
function together(some: readonly Told[]): Effect {
  const { kind, subject, verb, by } = some[0] as Told;
  return {
    kind,
    subject,
    what: verb.replace(
      "%",
      listed(
        some.map(({ target }) => target),
        12,
      ),
    ),
    by,
  };
}

function changed(kind: "opened" | "closed", ways: readonly Way[], other: Side): Told {
  const [from, to] = [unique(ways.map((way) => way.from)), unique(ways.map((way) => way.to))];
  const flow = (ways[0] as Way).flow;
  const narrowed: DeclaredFlow = {
    ...flow,
    from: narrow(flow.from, from),
    to: { ...flow.to, provider: narrow(flow.to.provider, to) },
  };
  const filters = unique(
    [...flowTrails(other.paths, narrowed)].flatMap(({ trail }) =>
      trail.steps.filter(({ ok }) => !ok).map(({ at }) => at),
    ),
  );
  const verb = kind === "opened" ? "may now reach %" : "may no longer reach %";
  const whole = to.length === members(flow.to.provider).length;
  const target = whole ? endpoint(flow) : `${flow.to.id} (${listed(to)}:${flow.to.port})`;
  const sources = from.length === members(flow.from).length ? partyLabel(flow.from) : listed(from);
  const subject = sources;
  if (filters.length > 0) return { kind, subject, verb, target, by: sharedFilters(filters) };
  if (kind === "opened")
    return { kind, subject, verb, target, by: ["declared now; no filter stood in between before"] };
  return {
    kind: "exposed",
    subject,
    verb: "need not reach % any more, and still can",
    target,
    by: ["no filter stops it"],
  };
}

function narrow(party: DeclaredParty, names: readonly string[]): DeclaredParty {
  return party.kind === "hosts" ? { ...party, hosts: party.hosts.filter((name) => names.includes(name)) } : party;
}

/** "UFW of db-01", "UFW of db-02" -> "UFW of db-01 and db-02". */
export function sharedFilters(filters: readonly string[]): readonly string[] {
  const split = filters.map((filter) => {
    // A machine by itself: nothing on it answers at that port.
    const [, what = "what listens", of = filter] = /^(.+?) of (.+)$/.exec(filter) ?? [];
    return { what, of };
  });
  return [...groupBy(split, ({ what }) => what)].map(([what, some]) => {
    const of = unique(some.map((one) => one.of));
    return `${what} ${what === "what listens" ? "on" : "of"} ${listed(of)}`;
  });
}

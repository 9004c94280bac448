import type { Box, Bundle, Change, End, Flow, Item, Picture, Route, Section } from "./model";

/** What is the same on both sides bears no mark; what came, went or is another one does. */
interface Marked {
  readonly id: string;
  readonly change?: Change;
}

/**
 * Two pictures in one: what is new, what is gone and what is another one is marked. A machine or workload that comes
 * or goes takes its flows with it: that alone changes no flow of others.
 *
 * @param base what `before` is called: "origin/main (3f2a9c1)"
 */
export function comparePictures(before: Picture, after: Picture, base: string): Picture {
  const boxes = union(before.boxes, after.boxes, mergedBox);
  const moving = new Set(
    boxes
      .flatMap(({ sections }) => sections.flatMap(({ items }) => items))
      .filter(({ change }) => change === "added" || change === "removed")
      .map(({ id }) => id),
  );
  const flows = union(before.flows, after.flows, (old, now) =>
    marked(now, flowSum(old, moving) !== flowSum(now, moving)),
  );
  const routes = union(before.routes, after.routes, (old, now) => marked(now, routeSum(old) !== routeSum(now)));
  const changes = new Map(flows.map(({ id, change }) => [id, change]));
  const bundles = union(before.bundles, after.bundles, (old, now): Bundle => {
    const all = [...new Set([...now.flows, ...old.flows])];
    return marked({ ...now, flows: all }, all.some((id) => changes.get(id) !== undefined)); // prettier-ignore
  });
  return {
    ...after,
    boxes,
    flows,
    routes,
    bundles,
    losses: { ...before.losses, ...after.losses },
    prices: { ...before.prices, ...after.prices },
    cost: before.cost === after.cost ? after.cost : `${after.cost} (before: ${before.cost})`,
    base,
  };
}

/** Those of `after` in their order, then those that are gone. */
function union<T extends Marked>(before: readonly T[], after: readonly T[], merge: (old: T, now: T) => T): T[] {
  const known = new Map(before.map((one) => [one.id, one]));
  const there = new Set(after.map(({ id }) => id));
  return [
    ...after.map((now): T => {
      const old = known.get(now.id);
      return old === undefined ? { ...now, change: "added" } : merge(old, now);
    }),
    ...before.filter(({ id }) => !there.has(id)).map((old): T => ({ ...old, change: "removed" })),
  ];
}

const marked = <T extends Marked>(one: T, differs: boolean): T => (differs ? { ...one, change: "changed" } : one);

function mergedBox(old: Box, now: Box): Box {
  const sections = mergedSections(old.sections, now.sections);
  return marked({ ...now, sections }, old.sum !== now.sum);
}

function mergedSections(before: readonly Section[], after: readonly Section[]): readonly Section[] {
  const mergedItem = (old: Item, now: Item): Item => {
    if (old.sum === now.sum) return now;
    const note = old.note === now.note ? now.note : `${old.note} → ${now.note}`;
    return { ...now, note, change: "changed" };
  };
  const items = union(
    before.flatMap((one) => one.items),
    after.flatMap((one) => one.items),
    mergedItem,
  );
  const titleOf = new Map([...before, ...after].flatMap((one) => one.items.map(({ id }) => [id, one.title] as const)));
  // One group has no title until it gets a second one.
  const titles = [...new Set([...after, ...before].map(({ title }) => title))];
  return titles
    .map((title) => ({ title, items: items.filter(({ id }) => titleOf.get(id) === title) }))
    .filter((section) => section.items.length > 0);
}

/** Of the path only what it consists of: which of many equal nodes it was followed on is no change. */
function flowSum({ purpose, kind, from, to, path }: Flow, moving: ReadonlySet<string>): string {
  const ends = (all: readonly End[]): readonly string[] =>
    all.flatMap(({ box, items }) => (items.length === 0 ? [box] : items.filter((item) => !moving.has(item)))).sort();
  const names = [...moving].map((id) => id.slice(id.indexOf(" ") + 1));
  const steps = path.trails
    .flatMap((trail) => trail.steps)
    .filter(({ at }) => !names.some((name) => at.includes(name)))
    .map(({ ok, at }) => `${ok} ${at.replaceAll(/\d+/g, "#")}`);
  const limits = path.limits.map(({ rule, seconds }) => `${rule ?? ""} ${seconds ?? "none"}`);
  const unique = (some: readonly string[]): readonly string[] => [...new Set(some)].sort();
  return JSON.stringify([purpose, kind, ends(from), ends(to), unique(steps), unique(limits)]);
}

const routeSum = ({ declared, paths }: Route): string =>
  // JSON has no Infinity.
  JSON.stringify([declared, paths], (_, value: unknown) => (value === Infinity ? "none" : value));

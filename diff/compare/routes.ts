import type { DeclaredRoute } from "../../verifier/declaration";
import { routeHops, servedBy } from "../../verifier/ask/patient";
import type { Effect } from "../model/model";
import type { Side } from "./side";

/** Routes that come or go, and those whose patience, size or audience is another. */
export function routeEffects(base: Side, head: Side): readonly Effect[] {
  const [before, after] = [base, head].map(
    (side) => new Map(side.declaration.routes.map((route) => [name(route), { route, side }])),
  );
  return [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].flatMap((subject): readonly Effect[] => {
    const [old, now] = [before?.get(subject), after?.get(subject)];
    if (old === undefined && now !== undefined)
      return [{ kind: "route", subject, what: `new: ${summary(now.route)}`, by: hops(now.side, now.route) }];
    if (now === undefined || old === undefined)
      return [{ kind: "route", subject, what: "is no longer served", by: [] }];
    const changes = FACTS.flatMap(([what, of]) => {
      const [a, b] = [of(old.route), of(now.route)];
      return a === b ? [] : [`${what} ${a} -> ${b}`];
    });
    const [hopsBefore, hopsAfter] = [hops(old.side, old.route), hops(now.side, now.route)];
    const differing = hopsAfter.filter((hop) => !hopsBefore.includes(hop));
    if (changes.length === 0 && differing.length === 0) return [];
    const what = changes.length === 0 ? "its hops' limits change" : changes.join(", ");
    return [{ kind: "route", subject, what, by: differing }];
  });
}

const name = ({ host, path, match }: DeclaredRoute): string => `${host}${path}${match === "exact" ? " (exactly)" : ""}`;

const seconds = (value: number | undefined): string => (value === undefined ? "no end" : `${value} s`);

const FACTS: readonly (readonly [what: string, of: (route: DeclaredRoute) => string])[] = [
  ["served by", ({ namespace, app }) => `${namespace}/${app}`],
  ["kind", ({ kind }) => kind],
  ["for", ({ audience }) => audience?.join(", ") ?? "everybody"],
  ["first byte after", ({ firstByteSeconds }) => seconds(firstByteSeconds)],
  ["silence of", ({ silenceSeconds }) => seconds(silenceSeconds)],
  ["longest request", ({ longestRequestSeconds }) => seconds(longestRequestSeconds)],
  ["bodies of", ({ maxBodyMb }) => `${maxBodyMb} MiB`],
];

const summary = (route: DeclaredRoute): string => FACTS.map(([what, of]) => `${what} ${of(route)}`).join(", ");

/** Every hop with its limits. */
function hops({ world, declaration }: Side, route: DeclaredRoute): readonly string[] {
  const limit = (what: string, value: number): readonly string[] => (value === Infinity ? [] : [`${value} s ${what}`]);
  return (servedBy(world.cluster, route) ?? []).flatMap((served) =>
    routeHops(world, declaration, route, served).map(
      ({ hop, idle, total }) =>
        `${hop}: ${[...limit("of silence", idle), ...limit("in all", total)].join(", ") || "no limit"}`,
    ),
  );
}

import { changeText, costText, monthlyCost } from "../cost/monthly";
import { PRICES, type Prices } from "../cost/prices";
import type { EmittedEstate } from "./model/emitted";
import { EFFECT_KINDS, type Effect, type EffectKind, type EstateDiff } from "./model/model";
import { changeGroups } from "./compare/groups";
import { hostEffects } from "./compare/hostEffects";
import { groupBy, listed } from "./compare/names";
import { machineEffects } from "./compare/machineEffects";
import { podEffects } from "./compare/podEffects";
import { judgedWay, wayHarms } from "./compare/onTheWay";
import { resourceChanges, type Resources } from "./compare/resources";
import { routeEffects } from "./compare/routes";
import { sentenceOf } from "./compare/sentence";
import { readSide, type Side } from "./compare/side";
import { verdictEffects } from "./compare/verdicts";
import { wayEffects } from "./compare/ways";

/** An estate, and what it is called for a reader: "origin/main (3f2a9c1)". */
export interface Named {
  readonly name: string;
  readonly estate: EmittedEstate;
}

/**
 * What a change of the program does to people, machines, data and bills, from what both programs emit alone: no state,
 * no credentials. Both are judged by the verifier of today.
 *
 * @throws NotComparableError where one of them declares nothing
 */
export function compareEstates(base: Named, head: Named, prices: Prices = PRICES): EstateDiff {
  return tellChanges(base, head, resourceChanges(base.estate, head.estate), prices);
}

/**
 * The same, where it is known what happens to each resource: an engine has decided it.
 *
 * @param options.isWayJudged false: somebody who knows more (hooks, consent) says what is unsafe on the way. Default true
 * @throws NotComparableError where one of them declares nothing
 */
export function tellChanges(
  base: Named,
  head: Named,
  { changes, same }: Resources,
  prices: Prices = PRICES,
  { isWayJudged = true }: { readonly isWayJudged?: boolean } = {},
): EstateDiff {
  const [before, after] = [base, head].map(({ name, estate }) => readSide(estate, name)) as [Side, Side];
  const way = judgedWay(base.estate, head.estate, changes);
  const effects = [
    ...verdictEffects(before, after),
    ...(isWayJudged ? wayHarms(way) : []),
    ...wayEffects(before, after),
    ...routeEffects(before, after),
    ...hostEffects(before, after),
    ...machineEffects(changes),
    ...podEffects(changes, head.estate),
  ];
  const ordered = [...groupBy(effects, sameHappens).values()]
    .map(merged)
    .sort((a, b) => EFFECT_KINDS.indexOf(a.kind) - EFFECT_KINDS.indexOf(b.kind));
  const [costBefore, costAfter] = [
    monthlyCost(base.estate.resources, prices),
    monthlyCost(head.estate.resources, prices),
  ];
  const change = changeText(costBefore, costAfter, prices);
  const counts = { delete: 0, replace: 0, update: 0, create: 0, state: 0, same };
  for (const { operation } of changes) counts[operation] += 1;
  return {
    stack: head.estate.stack,
    base: base.name,
    head: head.name,
    timeline: way.timeline,
    sentence: sentenceOf(ordered, changes.length, change),
    cost: { before: costText(costBefore, prices), after: costText(costAfter, prices), change, asOf: prices.asOf },
    effects: ordered,
    counts,
    groups: changeGroups(changes),
  };
}

/** To many the same happens, for the same reasons. Ways and routes are told one by one. */
const sameHappens = ({ kind, subject, what, by }: Effect): string =>
  [kind, what, ...by, ...(MERGED.includes(kind) ? [] : [subject])].join("|");

const MERGED: readonly EffectKind[] = ["data", "deleted", "replaced", "poweredOff", "created", "rollsOut", "scales"];

/** More names than this are too many for a sentence. */
const MOST_BRIEF = 4;

function merged(some: readonly Effect[]): Effect {
  const [first] = some as readonly [Effect];
  if (some.length === 1) return first;
  // "server a", "server b" -> "server a and b"
  const split = some.map(({ subject }) => ({ what: subject.slice(0, subject.lastIndexOf(" ") + 1), subject }));
  const kinds = [...groupBy(split, ({ what }) => what)].map(
    ([what, few]) =>
      what +
      listed(
        few.map(({ subject }) => subject.slice(what.length)),
        12,
      ),
  );
  const brief = some.length > MOST_BRIEF ? { brief: `${first.subject} and ${some.length - 1} more` } : {};
  return { ...first, subject: kinds.join(", "), ...brief, many: some.length };
}

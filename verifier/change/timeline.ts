import type { DeclaredRoute } from "../declaration";
import { at, integer, objectKey, text } from "../read/graph";
import type { World } from "../read/world";
import { listed } from "./clusters";
import { DURATIONS, secondsText, serviceName, type Seconds } from "./durations";
import { isBehind, WORKLOADS } from "./entry";
import type { Deed, MachineEffect } from "./machines";
import { subjectOf, type Change, type Movement } from "./movement";
import type { Order } from "./order";

/** One thing that people may notice, in the order in which it happens. */
export interface Moment {
  /** A part of a sentence: "db-slave-02: patroni.service restarts in its turn". */
  readonly what: string;
  /** How long somebody waits, where that was measured; [0, 0]: nobody. */
  readonly seconds?: Seconds;
  /** Moments of one number may come at the same time. From 1. */
  readonly step: number;
}

export interface Timeline {
  readonly moments: readonly Moment[];
  /** Of the public routes: "The web: no interruption." */
  readonly web: string;
  /** When the durations were measured. */
  readonly asOf: string;
}

const VERBS: Readonly<Record<Deed, string>> = {
  deleted: "is deleted",
  replaced: "is deleted and made anew",
  poweredOff: "is powered off, resized and started again",
  regrouped: "changes its placement group",
  readdressed: "gets another address",
  stopped: "stops",
  restarted: "restarts",
  reloaded: "reloads",
  made: "is made",
};
const NOBODY_WAITS: Seconds = [0, 0];
const SILENT: ReadonlySet<Deed> = new Set<Deed>(["reloaded"]);

/** What will happen, in order, as far as somebody may notice it. */
export function timelineOf(
  change: Change,
  effects: readonly MachineEffect[],
  order: Order,
  { world, routes }: { readonly world: World; readonly routes: readonly DeclaredRoute[] },
): Timeline {
  const told = sorted(
    effects.filter(({ deed }) => !SILENT.has(deed)),
    order,
  );
  const moments = told.map(({ effect, step }): Moment => ({ ...momentOf(effect, world), step }));
  const step = Math.max(0, ...moments.map((one) => one.step)) + 1;
  const rolled = change.movements.filter(rollsOut);
  const away = rolled.filter(isAway);
  const gently = rolled.length - away.length;
  const web = away.filter((one) => routes.some((route) => isBehind(world, subjectOf(one), route)));
  const names = (some: readonly Movement[]): string => listed(some.map((one) => objectKey(subjectOf(one))));
  return {
    moments: [
      ...moments,
      ...(gently > 0
        ? [
            {
              what: `${gently} workload${gently > 1 ? "s roll" : " rolls"} out pod by pod`,
              seconds: NOBODY_WAITS,
              step,
            },
          ]
        : []),
      ...away.map((one) => ({ what: `${names([one])}: away until its new pod is ready`, step })),
    ],
    web:
      web.length === 0
        ? "The web: no interruption."
        : `The web: no answer from ${names(web)} until the new pod is ready.`,
    asOf: DURATIONS.asOf,
  };
}

/** Its pods are others: more or fewer of the same are none. */
function rollsOut({ operation, before, after }: Movement): boolean {
  const one = after ?? before;
  if (one === undefined || !WORKLOADS.test(one.type)) return false;
  const template = (of: typeof one | undefined): string => JSON.stringify(at(of?.inputs, "spec", "template") ?? null);
  return operation === "replace" || (operation === "update" && template(before) !== template(after));
}

/** Is there a moment without any pod of it? */
function isAway({ after, operation }: Movement): boolean {
  const spec = at(after?.inputs, "spec");
  const alone = (integer(at(spec, "replicas")) ?? 1) < 2;
  const recreated = text(at(spec, "strategy", "type")) === "Recreate";
  return operation === "replace" || recreated || (alone && after?.type === "kubernetes:apps/v1:StatefulSet");
}

function momentOf(effect: MachineEffect, { hosts }: World): Omit<Moment, "step"> {
  const { deed, host, group, unit, because, inTurn } = effect;
  const reason = because.length === 0 ? "" : ` (${because.slice(0, 2).join(", ")}${because.length > 2 ? ", ..." : ""})`;
  const what = `${host}: ${unit === undefined ? "" : `${unit} `}${VERBS[deed]}${inTurn ? " in its turn" : ""}${reason}`;
  if (deed === "made") return { what, seconds: NOBODY_WAITS };
  const alone = [...hosts.values()].filter((one) => one.group === group).length < 2;
  const { handOver, lost } = DURATIONS.services[group] ?? {};
  const seconds = alone ? undefined : inTurn ? handOver : lost;
  const waits =
    seconds === undefined ? "" : `; ${serviceName(group)}: writes wait at most ${secondsText(seconds)} if it leads`;
  return {
    what: `${what}${alone ? `; ${serviceName(group)} is away meanwhile` : waits}`,
    ...(seconds === undefined ? {} : { seconds }),
  };
}

/** Each with the length of the longest chain of others that come before it. */
function sorted(
  effects: readonly MachineEffect[],
  order: Order,
): readonly { readonly effect: MachineEffect; readonly step: number }[] {
  const byMovement = new Map<Movement, MachineEffect[]>();
  for (const one of effects) byMovement.set(one.by, [...(byMovement.get(one.by) ?? []), one]);
  const movements = [...byMovement.keys()];
  const steps = new Map<Movement, number>();
  const stepOf = (one: Movement): number => {
    const known = steps.get(one);
    if (known !== undefined) return known;
    const earlier = movements.filter((other) => order.precedes(other, one));
    const step = 1 + Math.max(0, ...earlier.map(stepOf));
    steps.set(one, step);
    return step;
  };
  const all = movements
    .flatMap((one) => (byMovement.get(one) ?? []).map((effect) => ({ effect, step: stepOf(one) })))
    .sort((a, b) => a.step - b.step || (a.effect.host < b.effect.host ? -1 : 1));
  // A member restarts in one of its passes: it is told once, by the last.
  const last = new Map(all.map((one) => [`${one.effect.host} ${one.effect.unit ?? ""} ${one.effect.deed}`, one]));
  const told = new Set(last.values());
  return all.filter((one) => told.has(one));
}

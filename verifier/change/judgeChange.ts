import { readDeclaration, type Declaration } from "../declaration";
import { buildWorld } from "../read/world";
import { clusterHarms } from "./clusters";
import { doorHarms } from "./door";
import { entryHarms } from "./entry";
import { isConsented, type Harm } from "./harm";
import { leavingHarms } from "./leaving";
import { lossHarms } from "./losses";
import { machineEffects } from "./machines";
import { NotJudgeableError, type Change } from "./movement";
import { Order } from "./order";
import { portHarms } from "./ports";
import { timelineOf, type Timeline } from "./timeline";
import { rangeHarms, versionHarms } from "./versions";

/** What is said of a change before it begins. */
export interface ChangeVerdict {
  /** Nothing is left that somebody would have to consent to. */
  readonly ok: boolean;
  readonly harms: readonly Harm[];
  /** Harms that people consented to by name, for this run. */
  readonly consented: readonly Harm[];
  readonly timeline: Timeline;
  /** What was not known, and so not judged. */
  readonly unknown: readonly string[];
}

/**
 * Judges the movement from one estate to another: not whether its end is right, which the verifier proves, but who
 * loses what on the way, in whatever order Pulumi takes the steps that nothing orders.
 *
 * @param stack whose name stands for consent to everything
 * @throws NotJudgeableError where one of both says nothing of itself: that is never taken for "nothing changes"
 */
export function judgeChange(change: Change, stack: string): ChangeVerdict {
  refuseOthers(change);
  const [before, after] = [declared(change.before, "what is there"), declared(change.after, "what is wanted")];
  const worlds = { before: buildWorld(change.before), after: buildWorld(change.after) };
  const order = new Order(change.movements, change);
  const effects = machineEffects(change);
  const all: readonly Harm[] = [
    ...versionHarms(change),
    ...rangeHarms(change),
    ...effects.flatMap(({ deed, host }): readonly Harm[] => (deed === "regrouped" ? [regrouped(host)] : [])),
    ...clusterHarms(worlds.before, effects, order, after.outageBudget ?? {}),
    ...leavingHarms(change, effects, before),
    ...portHarms(before, after),
    ...entryHarms(change, worlds, before, after),
    ...doorHarms(before, after, change.runsFrom),
    ...lossHarms(change),
  ];
  const harms = all.filter((one) => !isConsented(one, stack, change.consent));
  return {
    ok: harms.length === 0,
    harms,
    consented: all.filter((one) => !harms.includes(one)),
    timeline: timelineOf(change, effects, order, { world: worlds.before, routes: before.routes }),
    unknown: change.unknown,
  };
}

/** What is there must be this stack's: of another one every resource would seem to go. */
function refuseOthers({ before, after }: Change): void {
  const [old, now] = [before, after].map(({ resources }) => resources[0]?.urn?.split("::", 1)[0]?.split(":")[2]);
  if (old !== undefined && now !== undefined && old !== now)
    throw new NotJudgeableError(
      `what is there is stack ${old}, and what is wanted stack ${now}: no change leads from one to the other`,
    );
}

function declared(graph: Change["before"], what: string): Declaration {
  const declaration = readDeclaration(graph);
  if (declaration === undefined)
    throw new NotJudgeableError(`${what} declares no flows, so no change from or to it can be judged`);
  return declaration;
}

/** A server joins or leaves a group while it is off (docs/reference/hetzner.md, servers). */
function regrouped(host: string): Harm {
  return {
    kind: "effect",
    subject: host,
    why: "another placement group, or none: Hetzner moves no server that runs, and refuses it half-way",
    way: `shut ${host} down before, up it by itself (--target), start it, and then the rest`,
    names: [],
  };
}

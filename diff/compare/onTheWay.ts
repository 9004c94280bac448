import { judgeChange, type ChangeVerdict } from "../../verifier/change/judgeChange";
import { NotJudgeableError } from "../../verifier/change/movement";
import { NotComparableError, type EmittedEstate } from "../model/emitted";
import type { Effect } from "../model/model";
import { changeOf } from "./movements";
import type { ResourceChange } from "./resources";

/**
 * Who loses what while the one becomes the other.
 *
 * @throws NotComparableError where that cannot be judged
 */
export function judgedWay(base: EmittedEstate, head: EmittedEstate, changes: readonly ResourceChange[]): ChangeVerdict {
  try {
    return judgeChange(changeOf(base, head, changes), head.stack);
  } catch (error) {
    if (error instanceof NotJudgeableError) throw new NotComparableError(error.message);
    throw error;
  }
}

/** What is refused of it. Of data and keys that are lost the rows of what goes tell. */
export function wayHarms({ harms }: ChangeVerdict): readonly Effect[] {
  return harms
    .filter(({ kind }) => kind !== "loss")
    .map(({ subject, why, way }): Effect => ({ kind: "unsafe", subject, what: why, by: [way] }));
}

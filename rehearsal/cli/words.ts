import { blocksOf } from "../../diff/model/document";
import type { ChangeGroup, EstateDiff } from "../../diff/model/model";
import { blockLines } from "../../diff/render/terminal";
import { findingText, type Verdict } from "../estate";

/** What changes for whom, one line each and what causes it. */
export function wordLines(diff: EstateDiff, colours: boolean): readonly string[] {
  return blockLines(
    blocksOf(diff).filter(({ kind }) => kind === "row"),
    colours,
  );
}

/** Field by field, equal changes once. What is new is told by component already, but where all is asked for. */
export function groupLines(
  groups: readonly ChangeGroup[],
  { all, colours }: { readonly all: boolean; readonly colours: boolean },
): readonly string[] {
  const told = groups.filter(({ operation }) => all || (operation !== "create" && operation !== "delete"));
  const text = blockLines(blocksOf({ effects: [], groups: told }, all), colours)
    .join("\n")
    .trim();
  return text === "" ? [] : text.split("\n");
}

/**
 * What is accepted and assumed: by name where it is new, as a number where it was there before.
 *
 * @param changes undefined: it is not known what was there before
 */
export function acceptedLines(verdict: Verdict, changes: EstateDiff | undefined, stack: string): readonly string[] {
  const { accepted, assumptions } = verdict;
  const where = `npm run verify -- --stack ${stack}`;
  const added = (changes?.effects ?? []).filter(({ kind, what }) => kind === "risk" && what === "is accepted now");
  return [
    ...(accepted.length === 0
      ? []
      : [
          `${accepted.length} ${accepted.length === 1 ? "risk is" : "risks are"} accepted${added.length === 0 ? "" : `, ${added.length} of them new (above)`}; ${where} has each with its reason.`,
        ]),
    ...(assumptions.length === 0
      ? []
      : [`Assumed, and not proved (${assumptions.length}):`, ...assumptions.map((one) => `  ${one}`)]),
  ];
}

/** What is found, and the verdict; of a run that has failed, that it says nothing of what stands now. */
export function verdictLines(verdict: Verdict, ok: boolean): readonly string[] {
  if (ok || !verdict.ok) return findingText(verdict).split("\n");
  return ["No verdict: the run has not ended as it was planned, and what stands now was not judged."];
}

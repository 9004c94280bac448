import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EstateDiff } from "../../../diff/model/model";
import { markdown } from "../../../diff/render/markdown";

/** Characters: what a reader sees first, and the smaller parts. */
const BUDGET = 9000;

/** What changes with every other change of the stack: how many resources there are, and what all of them cost. */
const ELSEWHERE = [
  [/\d+ as they were/, "N as they were"],
  [/It costs [^|]*?, at prices of/, "It costs X, at prices of"],
] as const;

/** The text that a person has read: what is said of a change, as a comment would have it. */
export function golden(diff: EstateDiff): string {
  return ELSEWHERE.reduce((text, [from, to]) => text.replace(from, to), markdown(diff, BUDGET));
}

/** Written anew with KEYBUZZ_RECORD=1, and then read again by a person. */
export function recorded(name: string, text: string): string {
  const file = join(__dirname, "..", "golden", `${name}.md`);
  if (process.env["KEYBUZZ_RECORD"] === "1") writeFileSync(file, text);
  return readFileSync(file, "utf8");
}

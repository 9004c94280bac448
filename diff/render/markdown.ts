import { blocksOf, costLine, countLine, KIND_WORDS, timelineLine, verdictLine, type Block } from "../model/document";
import type { EstateDiff } from "../model/model";
import { fit } from "./budget";

/** For the comment of a pull request: what is folded opens by a click. */
export function markdown(diff: EstateDiff, budget?: number): string {
  const top = [
    `### ${text(diff.stack)}: ${text(diff.sentence)}`,
    "",
    `${text(diff.base)} → ${text(diff.head)}. ${text(countLine(diff))} ${text(costLine(diff))} ${text(timelineLine(diff))} ${text(verdictLine(diff))}`,
  ];
  const size = (block: Block): number => rendered(block).length + 1;
  const { kept, leftOut } = fit(blocksOf(diff), size, top.join("\n").length + TABLE.join("\n").length + 100, budget);
  const rows = kept.filter(({ kind }) => kind === "row").map(rendered);
  const groups = kept.filter(({ kind }) => kind === "group").map(rendered);
  return [
    ...top,
    ...(rows.length > 0 ? ["", ...TABLE, ...rows] : []),
    ...(groups.length > 0 ? ["", ...groups] : []),
    ...(leftOut === undefined ? [] : ["", text(leftOut)]),
    "",
  ].join("\n");
}

const TABLE = ["|  | who | what changes | by |", "| --- | --- | --- | --- |"];

function rendered(block: Block): string {
  if (block.kind === "row") {
    const { kind, subject, what, by } = block.effect;
    return `| ${[KIND_WORDS[kind], subject, what, by.join("; ")].map(text).join(" | ")} |`;
  }
  if (block.lines.length === 0) return `${text(block.title)}\n`;
  const fence = fenceFor(block.lines);
  return [
    `<details><summary>${html(block.title)}</summary>`,
    "",
    `${fence}diff`,
    ...block.lines,
    fence,
    "</details>",
    "",
  ].join("\n");
}

/** Longer than any run of backticks within. */
function fenceFor(lines: readonly string[]): string {
  const longest = Math.max(0, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map(({ length }) => length)));
  return "`".repeat(Math.max(3, longest + 1));
}

const html = (value: string): string => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** What anybody may have written, as plain text: no markup, no mention of people, one line. */
const text = (value: string): string =>
  html(value)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\\`*_{}[\]|~]/g, (sign) => `\\${sign}`)
    .replaceAll("@", "&#64;")
    .replaceAll("#", "&#35;");

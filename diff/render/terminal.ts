import { blocksOf, costLine, countLine, KIND_WORDS, timelineLine, verdictLine, type Block } from "../model/document";
import type { EstateDiff } from "../model/model";
import { fit } from "./budget";

export interface TerminalOptions {
  readonly colours: boolean;
  /** Characters. Default: as in a comment. */
  readonly budget?: number;
}

const COLOURS: Readonly<Record<string, string>> = { "+": "\u001b[32m", "-": "\u001b[31m", "!": "\u001b[33m" };
const PLAIN = "\u001b[0m";
const WORDS = Math.max(...Object.values(KIND_WORDS).map(({ length }) => length));

export function terminal(diff: EstateDiff, { colours, budget }: TerminalOptions): string {
  const top = [`${diff.stack}: ${diff.sentence}`, "", `${diff.base} -> ${diff.head}`];
  const end = [countLine(diff), costLine(diff), timelineLine(diff), verdictLine(diff)];
  const used = [...top, ...end].join("\n").length + 10;
  const { kept, leftOut } = fit(blocksOf(diff), (block) => lines(block).join("\n").length + 2, used, budget);
  return [
    ...top.map(clean),
    ...blockLines(kept, colours),
    "",
    ...(leftOut === undefined ? [] : [clean(leftOut), ""]),
    ...end.map(clean),
    "",
  ].join("\n");
}

/** Rows, then groups, each with an empty line before it. */
export function blockLines(blocks: readonly Block[], colours: boolean): readonly string[] {
  const of = (kind: Block["kind"]): readonly string[] => blocks.filter((block) => block.kind === kind).flatMap(lines);
  const paint = (line: string): string => {
    const colour = colours ? COLOURS[line.slice(0, 1)] : undefined;
    return colour === undefined ? clean(line) : `${colour}${clean(line)}${PLAIN}`;
  };
  const [rows, groups] = [of("row"), of("group")];
  return [
    ...(rows.length > 0 ? ["", ...rows.map(clean)] : []),
    ...(groups.length > 0 ? ["", ...groups.map(paint)] : []),
  ];
}

function lines(block: Block): readonly string[] {
  if (block.kind === "group") return [block.title, ...block.lines, ""];
  const { kind, subject, what, by } = block.effect;
  return [
    `  ${KIND_WORDS[kind].padEnd(WORDS)}  ${subject}: ${what}`,
    ...by.map((one) => `  ${"".padEnd(WORDS)}    by ${one}`),
  ];
}

/** Whatever somebody wrote steers no terminal. */
// eslint-disable-next-line no-control-regex
const clean = (value: string): string => value.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "?");

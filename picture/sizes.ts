import { LANES, type Box, type Item, type Lane, type Section } from "./model";

/** Points of the picture: at laptop width one is about one pixel. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the parts of a box are, from its own corner. */
export interface Inside {
  readonly width: number;
  readonly height: number;
  /** Baselines of section titles. */
  readonly titles: readonly { readonly text: string; readonly y: number }[];
  readonly items: readonly Placed[];
}

export interface Placed {
  readonly item: Item;
  readonly rect: Rect;
  /** Too many to be named: it is a mark whose name is told when asked. */
  readonly small: boolean;
}

export const HEADER = 26;
export const NOTE = 15;
export const ROW = 19;
const TITLE = 18;
const MARK = 12;
const PADDING = 8;
/** So many are named; more become marks. */
const NAMED = 12;

/** Width of text in the page's font, on the safe side: there is nobody here to measure it. */
export const textWidth = (text: string, size: number): number => Math.ceil(text.length * size * 0.58);

const isNamed = ({ items }: Section): boolean => items.length <= NAMED;

/** A mark of change stands before the name, and both are bold then. */
export const rowWidth = ({ name, note, change }: Item): number =>
  textWidth(name, 12) + textWidth(note, 10.5) + 3 * PADDING + (change === undefined ? 4 : 28);

/** As wide as its widest line. */
export function widthOf({ name, note, sections }: Box): number {
  const named = sections.filter(isNamed).flatMap(({ items }) => items);
  const widest = Math.max(
    textWidth(name, 13) + 36,
    textWidth(note, 10.5) + 2 * PADDING,
    ...named.map(rowWidth),
    ...sections.map((section) => (isNamed(section) ? 0 : 196)),
  );
  return Math.max(104, widest);
}

/** Boxes of one lane are equally wide. */
export function laneWidths(boxes: readonly Box[]): Readonly<Record<Lane, number>> {
  const width = (lane: Lane): number =>
    Math.max(0, ...boxes.filter((box) => box.lane === lane).map((box) => widthOf(box)));
  return Object.fromEntries([...LANES, "operations" as const].map((lane) => [lane, width(lane)])) as Record<
    Lane,
    number
  >;
}

/** Lays out the inside of a box, from top to bottom. */
export function insideOf(box: Box, width: number): Inside {
  let y = HEADER + (box.note === "" ? 0 : NOTE);
  const titles: { text: string; y: number }[] = [];
  const items: Placed[] = [];
  for (const section of box.sections) {
    if (section.title !== "") {
      titles.push({ text: `${section.title} (${section.items.length})`, y: y + 12 });
      y += TITLE;
    }
    if (isNamed(section))
      for (const item of section.items) {
        items.push({ item, rect: { x: 4, y, width: width - 8, height: ROW }, small: false });
        y += ROW;
      }
    else {
      const inRow = Math.floor((width - 2 * PADDING) / MARK);
      section.items.forEach((item, index) => {
        const [column, row] = [index % inRow, Math.floor(index / inRow)];
        const rect = { x: PADDING + column * MARK, y: y + row * MARK, width: MARK - 2, height: MARK - 2 };
        items.push({ item, rect, small: true });
      });
      y += Math.ceil(section.items.length / inRow) * MARK;
    }
  }
  return { width, height: y + (box.sections.length === 0 ? 4 : 6), titles, items };
}

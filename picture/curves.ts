import type { Rect } from "./sizes";

interface Point {
  readonly x: number;
  readonly y: number;
}

const RADIUS = 9;
/** How far from the boxes a line runs along their column. */
const SIDE = 13;

/** A line as an SVG path, and the head of its arrow. */
export interface Arrow {
  readonly d: string;
  readonly tip: string;
}

/** A line of right angles, with its corners rounded. */
export function rounded(points: readonly Point[], thickness: number): Arrow {
  const last = points.at(-1) ?? { x: 0, y: 0 };
  const { tip, foot } = headAt(last, points.at(-2) ?? last, thickness);
  const [first = last, ...others] = [...points.slice(0, -1), foot];
  let d = `M${first.x} ${first.y}`;
  let before = first;
  others.forEach((point, index) => {
    const after = others[index + 1];
    if (after === undefined) d += `L${point.x} ${point.y}`;
    else {
      const radius = Math.min(RADIUS, distance(before, point) / 2, distance(point, after) / 2);
      const start = toward(point, before, radius);
      const end = toward(point, after, radius);
      d += `L${start.x} ${start.y}Q${point.x} ${point.y} ${end.x} ${end.y}`;
    }
    before = point;
  });
  return { d, tip };
}

/** The head of an arrow that ends at a point, and where its line meets it. */
function headAt(end: Point, before: Point, thickness: number): { readonly tip: string; readonly foot: Point } {
  const [length, half] = [Math.round(thickness / 2) + 5, Math.round(thickness / 2) + 2];
  const foot = toward(end, before, Math.min(length, distance(end, before)));
  const upright = end.x === before.x;
  const [a, b] = upright
    ? [`${foot.x - half} ${foot.y}`, `${foot.x + half} ${foot.y}`]
    : [`${foot.x} ${foot.y - half}`, `${foot.x} ${foot.y + half}`];
  return { tip: `M${end.x} ${end.y}L${a}L${b}Z`, foot };
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

function toward(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to);
  if (whole === 0) return from;
  const at = (a: number, b: number): number => Math.round((a + ((b - a) * length) / whole) * 10) / 10;
  return { x: at(from.x, to.x), y: at(from.y, to.y) };
}

/** Between two boxes of one column: out of the side, along it, and in again. */
export function sideArc(from: Rect, to: Rect, thickness: number): Arrow {
  // Away from the middle, where other lines begin and end.
  const [start, end] = [from.y + from.height - 7, to.y + 9];
  const out = Math.max(from.x + from.width, to.x + to.width) + SIDE;
  const points = [
    { x: from.x + from.width, y: start },
    { x: out, y: start },
    { x: out, y: end },
    { x: to.x + to.width, y: end },
  ];
  return rounded(points, Math.min(thickness, 3));
}

/** Over whatever is between them: from the sides that look at each other. */
export function curve(from: Rect, to: Rect, thickness: number): Arrow {
  const [a, b] = [middle(from), middle(to)];
  if (from.x + from.width < to.x || to.x + to.width < from.x) {
    const right = from.x < to.x;
    const [x1, x2] = right ? [from.x + from.width, to.x] : [from.x, to.x + to.width];
    const half = Math.round((x1 + x2) / 2);
    const { tip, foot } = headAt({ x: x2, y: b.y }, { x: half, y: b.y }, thickness);
    return { d: `M${x1} ${a.y}C${half} ${a.y} ${half} ${b.y} ${foot.x} ${foot.y}`, tip };
  }
  const down = from.y < to.y;
  const [y1, y2] = down ? [from.y + from.height, to.y] : [from.y, to.y + to.height];
  const half = Math.round((y1 + y2) / 2);
  const { tip, foot } = headAt({ x: b.x, y: y2 }, { x: b.x, y: half }, thickness);
  return { d: `M${a.x} ${y1}C${a.x} ${half} ${b.x} ${half} ${foot.x} ${foot.y}`, tip };
}

const middle = ({ x, y, width, height }: Rect): Point => ({
  x: Math.round(x + width / 2),
  y: Math.round(y + height / 2),
});

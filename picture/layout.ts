import ELK, { type ElkExtendedEdge, type ElkNode, type ElkPoint } from "elkjs/lib/elk.bundled.js";
import { curve, rounded, sideArc, type Arrow } from "./curves";
import { isDrawn } from "./lanes";
import { LANES, type Box, type Bundle, type Lane, type Picture } from "./model";
import { insideOf, laneWidths, widthOf, type Inside, type Rect } from "./sizes";

/** Where everything is. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: Readonly<Record<string, Rect & { readonly inside: Inside }>>;
  readonly lines: Readonly<Record<string, Line>>;
  readonly lanes: readonly { readonly lane: Lane; readonly rect: Rect }[];
}

/** A bundle on its way. */
export interface Line extends Arrow {
  readonly thickness: number;
  /** Has a place of its own in the picture; otherwise it is seen when it is asked for. */
  readonly drawn: boolean;
}

const MARGIN = 16;
const LANE_TITLE = 26;
const GAP = 12;
const MOST_THICK = 9;

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.randomSeed": "1",
  "elk.partitioning.activate": "true",
  "elk.separateConnectedComponents": "false",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.thoroughness": "20",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.spacing.nodeNode": "16",
  "elk.spacing.edgeNode": "14",
  "elk.spacing.edgeEdge": "12",
  "elk.layered.spacing.nodeNodeBetweenLayers": "32",
  "elk.layered.spacing.edgeNodeBetweenLayers": "20",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "12",
} as const;

/** Everybody is as thick as there is; beyond that each doubling of sources adds the same. */
export function thicknessOf(sources: number): number {
  return sources === Infinity
    ? MOST_THICK
    : Math.min(MOST_THICK, Math.round((1.5 + 1.7 * Math.log2(sources)) * 10) / 10);
}

/** Gives everything its place. The same picture has the same layout, always. */
export async function layOut({ boxes, bundles }: Picture): Promise<Layout> {
  const widths = laneWidths(boxes);
  const inLanes = boxes.filter(({ lane }) => lane !== "operations");
  const laneOf = new Map(boxes.map(({ id, lane }) => [id, lane]));
  const main = bundles.filter((one) => {
    const [from, to] = [laneOf.get(one.from), laneOf.get(one.to)];
    return isDrawn(one) && from !== to && from !== "operations" && to !== "operations";
  });
  const placed = await new ELK().layout(elkGraph(inLanes, main, widths));
  const rects: Record<string, Rect & { inside: Inside }> = {};
  for (const box of inLanes) {
    const node = placed.children?.find(({ id }) => id === box.id);
    const inside = insideOf(box, widths[box.lane]);
    // Taller where more lines arrive than it has rows.
    rects[box.id] = { ...rect(node?.x, node?.y, inside), height: node?.height ?? inside.height, inside };
  }
  const bottom = Math.max(0, ...Object.values(rects).map(({ y, height }) => y + height));
  const width = Math.max(0, ...Object.values(rects).map(({ x, width: wide }) => x + wide)) + MARGIN + GAP;
  const lanes = LANES.flatMap((lane) => {
    const some = inLanes.filter((box) => box.lane === lane).flatMap((box) => rects[box.id] ?? []);
    const [first] = some;
    if (first === undefined) return [];
    const x = Math.min(...some.map((one) => one.x));
    return [{ lane, rect: { x, y: MARGIN, width: widths[lane], height: bottom - MARGIN } }];
  });
  const strip = packed(boxes, rects, bottom + 2 * GAP, width);
  const lines: Record<string, Line> = {};
  for (const bundle of bundles) {
    const edge = (placed.edges ?? []).find(({ id }) => id === bundle.id);
    const line = lineOf(bundle, edge, rects, laneOf);
    if (line !== undefined) lines[bundle.id] = line;
  }
  if (strip === undefined) return { width, height: bottom + MARGIN, boxes: rects, lines, lanes };
  return { width, height: strip.y + strip.height + MARGIN, boxes: rects, lines, lanes: [...lanes, { lane: "operations", rect: strip }] }; // prettier-ignore
}

const rect = (x = 0, y = 0, { width, height }: Inside): Rect => ({
  x: Math.round(x) + MARGIN,
  y: Math.round(y) + MARGIN + LANE_TITLE,
  width,
  height,
});

function elkGraph(boxes: readonly Box[], bundles: readonly Bundle[], widths: Readonly<Record<Lane, number>>): ElkNode {
  const children = boxes.map((box): ElkNode => {
    const { width, height } = insideOf(box, widths[box.lane]);
    const port = (id: string, side: "EAST" | "WEST") => ({
      id,
      width: 0,
      height: 0,
      layoutOptions: { "elk.port.side": side },
    });
    const outgoing = bundles.filter(({ from }) => from === box.id).map(({ id }) => port(`${id} out`, "EAST"));
    const incoming = bundles.filter(({ to }) => to === box.id).map(({ id }) => port(`${id} in`, "WEST"));
    return {
      id: box.id,
      width,
      height: Math.max(height, 12 * Math.max(outgoing.length, incoming.length)),
      ports: [...outgoing, ...incoming],
      layoutOptions: {
        "elk.partitioning.partition": String(LANES.indexOf(box.lane as (typeof LANES)[number])),
        "elk.portConstraints": "FIXED_SIDE",
        "elk.spacing.portPort": "13",
      },
    };
  });
  const edges = bundles.map(({ id, sources }) => ({
    id,
    sources: [`${id} out`],
    targets: [`${id} in`],
    layoutOptions: { "elk.edge.thickness": String(thicknessOf(sources)) },
  }));
  return { id: "root", layoutOptions: OPTIONS, children, edges };
}

/** Boxes of the strip below, from left to right, as many in a row as there is room for. */
function packed(
  boxes: readonly Box[],
  rects: Record<string, Rect & { inside: Inside }>,
  top: number,
  width: number,
): Rect | undefined {
  const some = boxes.filter(({ lane }) => lane === "operations");
  if (some.length === 0) return undefined;
  let [x, y, bottom] = [MARGIN + GAP, top + LANE_TITLE, top + LANE_TITLE];
  for (const box of some) {
    const inside = insideOf(box, widthOf(box));
    if (x + inside.width > width - GAP && x > MARGIN + GAP) [x, y] = [MARGIN + GAP, bottom + GAP];
    rects[box.id] = { x, y, width: inside.width, height: inside.height, inside };
    x += inside.width + GAP;
    bottom = Math.max(bottom, y + inside.height);
  }
  return { x: MARGIN, y: top, width: width - MARGIN, height: bottom + GAP - top };
}

function lineOf(
  bundle: Bundle,
  edge: ElkExtendedEdge | undefined,
  rects: Readonly<Record<string, Rect>>,
  laneOf: ReadonlyMap<string, Lane>,
): Line | undefined {
  const [from, to] = [rects[bundle.from], rects[bundle.to]];
  if (from === undefined || to === undefined) return undefined;
  const thickness = thicknessOf(bundle.sources);
  const [section] = edge?.sections ?? [];
  if (section !== undefined) {
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(moved);
    return { ...rounded(points, thickness), thickness, drawn: true };
  }
  if (bundle.from === bundle.to) return undefined;
  const sameLane = laneOf.get(bundle.from) === laneOf.get(bundle.to) && laneOf.get(bundle.from) !== "operations";
  if (!sameLane) return { ...curve(from, to, thickness), thickness, drawn: isDrawn(bundle) };
  return { ...sideArc(from, to, thickness), thickness: Math.min(thickness, 3), drawn: isDrawn(bundle) };
}

const moved = ({ x, y }: ElkPoint): ElkPoint => ({
  x: Math.round(x) + MARGIN,
  y: Math.round(y) + MARGIN + LANE_TITLE,
});

import { attributes, counted, escaped } from "./markup";
import type { Layout, Line } from "./layout";
import type { Box, Bundle, Change, FlowKind, Item, Lane, Picture } from "./model";
import { HEADER, NOTE, type Placed } from "./sizes";
import { PICTURE_STYLE } from "./style";

/** What is drawn of a kind of flow, in the legend. */
export const KIND_NAMES: Readonly<Record<FlowKind, string>> = {
  web: "from the web",
  data: "to data",
  out: "to services outside",
  care: "operations",
  within: "within a cluster or namespace",
};

const LANE_NAMES: Readonly<Record<Lane, string>> = {
  outside: "INTERNET",
  entry: "PUBLIC BALANCERS",
  nodes: "CLUSTER NODES",
  workloads: "WORKLOADS BY NAMESPACE",
  balancers: "PRIVATE BALANCERS",
  proxies: "PROXIES",
  data: "DATA",
  operations: "OPERATIONS: WHAT LOOKS AFTER ALL OF THIS",
};

/** So that a change is not told by colour alone. */
const SIGNS: Readonly<Record<Change, string>> = { added: "+ ", removed: "− ", changed: "~ " };
const TOP = 40;
const LEGEND = 34;

/** The picture as a file of its own: title and legend are in it, and nothing to click. */
export function svgFile(picture: Picture, layout: Layout): string {
  const width = Math.max(layout.width, 760);
  const height = TOP + layout.height + LEGEND;
  const lines = [
    `<svg${attributes({ xmlns: "http://www.w3.org/2000/svg", class: "picture", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-labelledby": "picture-title picture-desc" })}>`,
    `<title id="picture-title">${escaped(`The estate ${picture.stack}`)}</title>`,
    `<desc id="picture-desc">${escaped(describe(picture))}</desc>`,
    `<style>${PICTURE_STYLE}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    text(16, 27, picture.stack, { class: "headline" }),
    text(28 + picture.stack.length * 9, 27, summaryOf(picture), { class: "small" }),
    `<g transform="translate(0 ${TOP})">`,
    ...drawing(picture, layout, false),
    "</g>",
    ...legend(picture, TOP + layout.height + 14),
    "</svg>",
  ];
  return `${lines.join("\n")}\n`;
}

/** The picture within the page: everything in it can be asked. */
export function svgInPage(picture: Picture, layout: Layout): string {
  const box = { viewBox: `0 0 ${layout.width} ${layout.height}`, width: layout.width, height: layout.height };
  return [
    `<svg${attributes({ class: "picture", id: "picture", ...box, role: "group", "aria-label": describe(picture) })}>`,
    ...drawing(picture, layout, true),
    "</svg>",
  ].join("\n");
}

function describe(picture: Picture): string {
  const names = picture.boxes.map(({ name }) => name).join(", ");
  return `${summaryOf(picture)}. From the outside in: ${names}.`;
}

/** "27 machines, 24 workloads, 145 flows; 1,211.72 EUR a month". */
export function summaryOf({ boxes, flows, routes, cost, base }: Picture): string {
  const items = boxes.flatMap(({ sections }) => sections.flatMap((section) => section.items));
  const machines = items.filter(({ id, change }) => id.startsWith("machine ") && change !== "removed");
  const workloads = items.filter(({ id, change }) => id.startsWith("workload ") && change !== "removed");
  const all = [
    counted(machines.length, "machine"),
    counted(workloads.length, "workload"),
    counted(flows.filter(({ change }) => change !== "removed").length, "flow"),
    counted(routes.filter(({ change }) => change !== "removed").length, "public route"),
  ];
  return `${all.join(", ")}; ${cost}${base === undefined ? "" : `; compared with ${base}`}`;
}

function drawing(picture: Picture, layout: Layout, live: boolean): readonly string[] {
  const care = (bundle: Bundle): boolean => layout.lines[bundle.id]?.drawn !== true && bundle.change === undefined;
  // Thick ones below thin ones; what changes above all.
  const order = (bundle: Bundle): number =>
    (bundle.change === undefined ? 0 : 100) - (layout.lines[bundle.id]?.thickness ?? 0);
  const bundles = [...picture.bundles].sort((a, b) => order(a) - order(b));
  const shown = live ? bundles : bundles.filter((bundle) => !care(bundle));
  return [
    `<g class="${picture.base === undefined ? "plain" : "compared"}">`,
    ...layout.lanes.flatMap(({ lane, rect: { x, y, width, height } }) => [
      `<rect${attributes({ class: "lane", x: x - 8, y, width: width + (lane === "operations" ? 0 : 16), height: height + 8, rx: 10 })}/>`,
      text(x + (lane === "operations" ? 4 : 0), y + 17, LANE_NAMES[lane], { class: "lane-title" }),
    ]),
    ...shown.flatMap((bundle) => lineOf(bundle, layout.lines[bundle.id], care(bundle), live)),
    ...picture.boxes.flatMap((box) => boxOf(box, picture, layout, live)),
    "</g>",
  ];
}

const changeClass = (change: Change | undefined): string => change ?? "same";

/** What can be asked is found by the keyboard, too. */
const asked = (live: boolean, id: string, label: string): Readonly<Record<string, string | undefined>> =>
  live ? { "data-id": id, tabindex: "-1", role: "button", "aria-label": label } : {};

function lineOf(bundle: Bundle, line: Line | undefined, hidden: boolean, live: boolean): readonly string[] {
  if (line === undefined) return [];
  const { d, tip, thickness } = line;
  return [
    `<g${attributes({ class: `bundle ${bundle.kind} ${changeClass(bundle.change)}${hidden ? " hidden" : ""}`, ...asked(live, bundle.id, bundleLabel(bundle)) })}>`,
    ...(live ? [`<path class="hit" d="${d}" stroke-width="${thickness + 6}"/>`] : []),
    `<path class="line" d="${d}" stroke-width="${thickness}"/><path class="tip" d="${tip}"/></g>`,
  ];
}

/** "n8n to lb-data: 10 flows, 7 sources, to data". */
export function bundleLabel({ from, to, flows, sources, kind, change }: Bundle): string {
  const name = (box: string): string => box.slice(box.indexOf(" ") + 1);
  const who = sources === Infinity ? "everybody" : counted(sources, "source");
  const told = change === undefined ? "" : `, ${change}`;
  const place = from === to ? `within ${name(from)}` : `${name(from)} to ${name(to)}`;
  return `${place}: ${counted(flows.length, "flow")}, ${who}, ${KIND_NAMES[kind]}${told}`;
}

function boxOf(box: Box, { bundles }: Picture, { boxes }: Layout, live: boolean): readonly string[] {
  const place = boxes[box.id];
  if (place === undefined) return [];
  const { x, y, width, height, inside } = place;
  const sign = box.change === undefined ? "" : SIGNS[box.change];
  const within = bundles.find(({ from, to }) => from === box.id && to === box.id);
  const label = `${box.kind} ${box.name}${box.note === "" ? "" : `, ${box.note}`}${box.change === undefined ? "" : `, ${box.change}`}`;
  return [
    `<g${attributes({ class: `box ${box.kind} ${changeClass(box.change)}`, transform: `translate(${x} ${y})`, ...asked(live, box.id, label) })}>`,
    `<rect${attributes({ width, height, rx: 8 })}/>`,
    text(10, 18, `${sign}${box.name}`, { class: "name" }),
    ...(box.note === "" ? [] : [text(10, HEADER + NOTE - 8, box.note, { class: "small" })]),
    ...inside.titles.map((title) => text(10, title.y, title.text, { class: "small" })),
    ...inside.items.map((placed) => itemOf(placed, width, live)),
    ...(within === undefined ? [] : [withinOf(within, width, live)]),
    "</g>",
  ];
}

function itemOf({ item, rect, small }: Placed, width: number, live: boolean): string {
  const label = itemLabel(item);
  const open = `<g${attributes({ class: `item ${small ? "mark" : ""} ${changeClass(item.change)}`, ...asked(live, item.id, label) })}>`;
  const back = `<rect${attributes({ ...rect, rx: small ? 2 : 5 })}/>`;
  if (small) return `${open}${back}<title>${escaped(label)}</title></g>`;
  const base = rect.y + 13.5;
  const sign = item.change === undefined ? "" : SIGNS[item.change];
  return `${open}${back}${text(10, base, `${sign}${item.name}`)}${text(width - 10, base, item.note, { class: "note" })}</g>`;
}

function itemLabel({ id, note, change }: Item): string {
  return `${id}${note === "" ? "" : `, ${note.replace("×", "times")}`}${change === undefined ? "" : `, ${change}`}`;
}

/** Flows that stay in the box: a turning arrow, and how many there are. */
function withinOf(bundle: Bundle, width: number, live: boolean): string {
  const [x, y] = [width - 17, 13];
  const turn = `M${x + 4} ${y - 3}A5 5 0 1 0 ${x + 5} ${y + 1}M${x + 5} ${y - 6}V${y - 2.5}H${x + 1.5}`;
  return `<g${attributes({ class: `within inner ${changeClass(bundle.change)}`, ...asked(live, bundle.id, bundleLabel(bundle)) })}><rect x="${x - 26}" y="2" width="40" height="21" rx="5" fill="transparent"/><path d="${turn}"/>${text(x - 9, y + 4, String(bundle.flows.length), { "text-anchor": "end" })}</g>`;
}

function legend({ bundles, flows, base }: Picture, y: number): readonly string[] {
  let x = 16;
  const parts: string[] = [];
  const say = (words: string, more: Readonly<Record<string, string>> = {}): void => {
    parts.push(text(x, y + 4, words, { class: "small", ...more }));
    x += Math.round(words.length * 5.6) + 18;
  };
  if (base === undefined)
    for (const kind of ["web", "data", "out"] as const) {
      if (!bundles.some((bundle) => bundle.kind === kind)) continue;
      parts.push(`<g class="${kind}"><path class="line" stroke-width="4" d="M${x} ${y}h22"/></g>`);
      x += 28;
      say(KIND_NAMES[kind]);
    }
  else
    for (const change of ["added", "removed", "changed"] as const) say(`${SIGNS[change]}${change}`, { class: change });
  say("as thick as their sources");
  const others = flows.filter(({ kind }) => kind === "care").length;
  if (others > 0) say(`not drawn: ${counted(others, "flow")} of operations (npm run topology shows them)`);
  return [`<g class="legend">`, ...parts, "</g>"];
}

function text(x: number, y: number, words: string, more: Readonly<Record<string, string>> = {}): string {
  return `<text${attributes({ x, y, ...more })}>${escaped(words)}</text>`;
}

import type { HopLimits } from "../../verifier/ask/hops";
import type { DeclaredRoute } from "../../verifier/declaration";
import { attributes, escaped } from "../markup";

const WIDTH = 400;
const LEFT = 8;
const RIGHT = 56;
const ROW = 34;
/** Below the scale: a row for heartbeats, one for each need. */
const BEATS = 34;
const NEED = 15;
/** Seconds that are written on the scale. */
const MARKS = [1, 3, 10, 30, 60, 120, 300, 900, 3600, 14_400, 86_400] as const;

/** What a route needs of every hop, in seconds. */
export interface Need {
  readonly what: string;
  readonly seconds: number;
}

/** A hop that gives up, after so many seconds of silence or after so many in all. */
export interface Limit {
  readonly hop: string;
  readonly rule: string;
  readonly seconds: number;
  readonly inAll: boolean;
}

export const isStream = ({ kind }: DeclaredRoute): boolean => kind === "websocket" || kind === "sse";

export function needsOf(route: DeclaredRoute): readonly Need[] {
  const { silenceSeconds, firstByteSeconds, longestRequestSeconds } = route;
  return [
    { what: isStream(route) ? "a heartbeat every" : "silence of up to", seconds: silenceSeconds },
    ...(firstByteSeconds === undefined ? [] : [{ what: "first byte within", seconds: firstByteSeconds }]),
    ...(longestRequestSeconds === undefined ? [] : [{ what: "whole request within", seconds: longestRequestSeconds }]),
  ];
}

export function limitsOf(hops: readonly HopLimits[]): readonly Limit[] {
  return hops.flatMap(({ hop, rule, idle, total }) => [
    { hop, rule, seconds: idle, inAll: false },
    ...(total === Infinity ? [] : [{ hop, rule, seconds: total, inAll: true }]),
  ]);
}

/** The hop that gives up first. */
export function weakestOf(limits: readonly Limit[]): Limit | undefined {
  return limits.reduce<Limit | undefined>(
    (least, one) => (least === undefined || one.seconds < least.seconds ? one : least),
    undefined,
  );
}

/** Whether a limit is shorter than what it has to bear. As the verifier asks (verifier/ask/patient.ts). */
export function isTooShort(route: DeclaredRoute, { seconds, inAll }: Limit): boolean {
  const { silenceSeconds, firstByteSeconds = 0, longestRequestSeconds } = route;
  if (inAll) return seconds < (longestRequestSeconds === undefined ? Infinity : Math.max(longestRequestSeconds, firstByteSeconds, silenceSeconds)); // prettier-ignore
  return (isStream(route) ? seconds <= silenceSeconds : seconds < silenceSeconds) || seconds < firstByteSeconds;
}

/** The ruler of patience: seconds from left to right, each doubling as wide; each hop as long as it is patient. */
export function ruler(route: DeclaredRoute, hops: readonly HopLimits[]): string {
  const limits = limitsOf(hops);
  const weakest = weakestOf(limits);
  const needs = needsOf(route);
  const finite = [...limits, ...needs].map(({ seconds }) => seconds).filter(Number.isFinite);
  const [least, most] = [Math.min(1, ...finite), Math.max(60, ...finite) * 1.15];
  const x = (seconds: number): number => {
    const share = Math.log(Math.min(seconds, most) / least) / Math.log(most / least);
    return Math.round((LEFT + share * (WIDTH - LEFT - RIGHT)) * 10) / 10;
  };
  const top = BEATS + 16 + needs.length * NEED;
  const bottom = top + limits.length * ROW;
  const told =
    weakest === undefined ? "no hop has a limit" : `${weakest.hop} gives up first, after ${weakest.seconds} s`;
  const label = `Ruler of patience of ${route.host}${route.path}: ${told}; ${needs.map(({ what, seconds }) => `${what} ${seconds} s`).join(", ")}`;
  const longest = Math.max(...needs.map(({ seconds }) => seconds));
  return [
    `<svg${attributes({ class: "ruler", viewBox: `0 0 ${WIDTH} ${bottom + 6}`, role: "img", "aria-label": label })}>`,
    `<rect${attributes({ class: "needed", x: LEFT, y: top - 4, width: x(longest) - LEFT, height: bottom - top + 4 })}/>`,
    ...MARKS.filter((mark) => mark >= least && mark <= most).map(
      (mark) =>
        `<path class="mark" d="M${x(mark)} 20V${bottom}"/><text class="scale" x="${x(mark)}" y="14" text-anchor="middle">${timeText(mark)}</text>`,
    ),
    ...beats(route, weakest, x),
    ...needs.map(({ what, seconds }, index) => {
      const [at, y] = [x(seconds), BEATS + 18 + index * NEED];
      const left = at > WIDTH / 2;
      return `<path class="need" d="M${at} ${y - 9}V${bottom}"/><text class="need-name" x="${at + (left ? -5 : 5)}" y="${y}" text-anchor="${left ? "end" : "start"}">${escaped(what)} ${timeText(seconds)}</text>`;
    }),
    ...limits.map((limit, index) => limitRow(route, limit, limit.seconds === weakest?.seconds, top + index * ROW, x)),
    "</svg>",
  ].join("");
}

/** "90 s", "5 min", "1 h". */
export function timeText(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds >= 120 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** How many heartbeats come before a limit: at the limit itself it is too late. */
export const beatsWithin = ({ silenceSeconds }: DeclaredRoute, seconds: number): number =>
  Math.ceil(seconds / silenceSeconds) - 1;

/** Each heartbeat until the weakest hop would give up; on a scale of doublings they come closer and closer. */
function beats(route: DeclaredRoute, weakest: Limit | undefined, x: (seconds: number) => number): readonly string[] {
  if (!isStream(route)) return [];
  const count = Math.min(40, Math.max(1, beatsWithin(route, weakest?.seconds ?? 0)));
  return Array.from({ length: count }, (_, index) => {
    return `<circle class="beat" cx="${x((index + 1) * route.silenceSeconds)}" cy="${BEATS}" r="3"/>`;
  });
}

function limitRow(
  route: DeclaredRoute,
  limit: Limit,
  weakest: boolean,
  y: number,
  x: (seconds: number) => number,
): string {
  const { hop, seconds, inAll } = limit;
  const state = isTooShort(route, limit) ? "short" : weakest ? "weakest" : "patient";
  const words = state === "short" ? "too short" : state === "weakest" ? "gives up first" : "";
  const time = seconds === Infinity ? "never" : `${timeText(seconds)}${inAll ? " in all" : ""}`;
  return [
    `<g class="limit ${state}">`,
    `<text x="${LEFT}" y="${y + 8}">${escaped(hop)}<tspan class="word" dx="6">${words}</tspan></text>`,
    `<rect${attributes({ x: LEFT, y: y + 13, width: Math.max(2, x(seconds) - LEFT), height: 9, rx: 2 })}/>`,
    `<text class="time" x="${x(seconds) + 5}" y="${y + 21}">${time}</text></g>`,
  ].join("");
}

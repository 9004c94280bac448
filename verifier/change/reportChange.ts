import type { Harm } from "./harm";
import type { ChangeVerdict } from "./judgeChange";

/** More moments than this are counted. */
const MOST_MOMENTS = 30;

/** What is said of a change, for a person: what it does on the way, or why it is refused and how to get there. */
export function textChange({ ok, harms, consented, timeline, unknown }: ChangeVerdict): string {
  const { moments, web, asOf } = timeline;
  const told = moments.slice(0, MOST_MOMENTS).map(({ step, what }) => `  ${String(step).padStart(3)}. ${what}`);
  const more = moments.length > MOST_MOMENTS ? [`       and ${moments.length - MOST_MOMENTS} more`] : [];
  return [
    ...(ok ? [] : [`Unsafe on the way (${harms.length}):`, ...harms.flatMap(harmLines)]),
    ...(consented.length === 0 ? [] : [`Consented to, for this run (${consented.length}):`, ...consented.flatMap(harmLines)]),
    ...(!ok ? [] : moments.length === 0 ? [`On the way nothing stops. ${web}`] : [`On the way, in this order (durations of ${asOf}):`, ...told, ...more, web]),
    ...unknown.map((one) => `Not known, and not judged: ${one}`),
  ].join("\n"); // prettier-ignore
}

const harmLines = ({ subject, why, way }: Harm): readonly string[] => [
  `  ${subject}`,
  `      why:  ${why}`,
  `      way:  ${way}`,
];

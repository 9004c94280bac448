import type { Finding, Question, Verdict } from "./finding";

const TITLES: Readonly<Record<Question, string>> = {
  understood: "Not understood",
  open: "Blocked",
  closed: "Exposed",
  patient: "Impatient",
  sound: "Unsound health checks",
  alive: "Lost with one part",
};
const ORDER: readonly Question[] = ["understood", "open", "closed", "patient", "sound", "alive"];

/** The verdict for a person: what is accepted and assumed, what was looked at; last, where the eye is, what is wrong. */
export function textVerdict(verdict: Verdict): string {
  const lines: string[] = [];
  if (verdict.accepted.length > 0) {
    lines.push(`Accepted, with the reason (${verdict.accepted.length}):`, ...acceptedLines(verdict).flat(), "");
  }
  if (verdict.assumptions.length > 0)
    lines.push(
      `Assumed, and not proved (${verdict.assumptions.length}):`,
      ...verdict.assumptions.map((one) => `  ${one}`),
      "",
    );
  if (verdict.notes.length > 0) lines.push(...verdict.notes.map((note) => `Note: ${note}`), "");
  return [...lines, findingText(verdict)].join("\n");
}

/** What is wrong and what to do, how much was looked at, and the verdict. */
export function findingText(verdict: Verdict): string {
  const { flows, paths, openings, routes, checks, losses } = verdict.counts;
  const lines: string[] = [];
  for (const question of ORDER) {
    const found = verdict.findings.filter((finding) => finding.question === question);
    if (found.length === 0) continue;
    lines.push(`${TITLES[question]} (${found.length}):`, ...found.flatMap(findingLines), "");
  }
  lines.push(
    `Looked at: ${flows} flows on ${paths} paths, ${openings} openings, ${routes} routes, ${checks} health checks, ${losses} losses.`,
    verdict.ok
      ? "Verdict: proved. Every declared flow is open, nothing else is, and every hop is patient enough."
      : `Verdict: NOT proved, ${verdict.findings.length} finding(s).`,
  );
  return lines.join("\n");
}

/** What is accepted, by its reasons: these, and then what they are given for. */
export function acceptedLines({ accepted }: Verdict): readonly (readonly string[])[] {
  const byReasons = new Map<string, string[]>();
  for (const { finding, reasons } of accepted) {
    const key = reasons.map((reason) => `  ${reason}`).join("\n");
    byReasons.set(key, [...(byReasons.get(key) ?? []), `      ${finding.subject}: ${finding.rule}`]);
  }
  return [...byReasons].map(([reasons, subjects]) => [reasons, ...subjects]);
}

/** One finding as a few lines, and as the message of a policy violation. */
export function findingLines({ subject, at, rule, value, remedy }: Finding): readonly string[] {
  return [`  ${subject}`, `      at:     ${at}: ${rule}`, `      found:  ${value}`, `      remedy: ${remedy}`];
}

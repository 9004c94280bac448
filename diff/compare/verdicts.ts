import type { AcceptedRisk } from "../../verifier/declaration";
import type { Finding } from "../../verifier/finding";
import type { Effect } from "../model/model";
import { groupBy, listed, unique } from "./names";
import { strangersTo, type Side } from "./side";

/** What the verifier says of one side alone: findings, what is open beyond what is declared, accepted risks. */
export function verdictEffects(base: Side, head: Side): readonly Effect[] {
  return [...findingEffects(base, head), ...exposureEffects(base, head), ...riskEffects(base, head)];
}

const keyOf = ({ question, subject, at, rule, value }: Finding): string =>
  [question, subject, at, rule, value].join("|");

function findingEffects(base: Side, head: Side): readonly Effect[] {
  const before = new Set(base.verdict.findings.map(keyOf));
  const after = new Set(head.verdict.findings.map(keyOf));
  return [
    ...head.verdict.findings.map((finding): Effect => ({
      kind: "refused",
      subject: finding.subject,
      what: `${before.has(keyOf(finding)) ? "refused as before" : "the verifier refuses it"}: ${finding.at}: ${finding.rule}; ${finding.value}`,
      by: [finding.remedy],
    })),
    ...base.verdict.findings
      .filter((finding) => !after.has(keyOf(finding)))
      .map((finding): Effect => ({
        kind: "mended",
        subject: finding.subject,
        what: `${finding.at}: ${finding.rule}`,
        by: [],
      })),
  ];
}

interface Exposed {
  readonly from: string;
  readonly to: string;
  readonly rule: string;
  readonly reasons: readonly string[];
}

/** What is open without being declared; what is refused for it is told as a finding. */
function exposed({ verdict }: Side): ReadonlyMap<string, Exposed> {
  const accepted = verdict.accepted.flatMap(({ finding: { exposure, rule }, reasons }) =>
    (exposure?.from ?? []).map((from): Exposed => ({ from, to: exposure?.to ?? "", rule, reasons })),
  );
  return new Map(accepted.map((one) => [`${one.from}|${one.to}`, one]));
}

function exposureEffects(base: Side, head: Side): readonly Effect[] {
  const [before, after] = [exposed(base), exposed(head)];
  const added = [...after].flatMap(([key, one]) => (before.has(key) ? [] : [one]));
  const gone = [...before].flatMap(([key, one]) => (after.has(key) ? [] : [one]));
  return [
    ...exposureRows(added, base, {
      kind: "exposed",
      party: "new",
      what: (to) => `can now reach ${to}, which no flow declares; accepted`,
    }),
    ...exposureRows(gone, head, {
      kind: "closed",
      party: "gone",
      what: (to) => `can no longer reach ${to}, which no flow declared`,
    }).map((one) => ({ ...one, by: [] })),
  ];
}

interface Tail {
  readonly kind: "exposed" | "closed";
  /** Of sources that the other side does not have. */
  readonly party: "new" | "gone";
  readonly what: (to: string) => string;
}

function exposureRows(some: readonly Exposed[], other: Side, tail: Tail): readonly Effect[] {
  const strangers = strangersTo(other);
  const sources = [...groupBy(some, ({ from }) => from)].map(([from, few]) => ({
    from,
    to: unique(few.map(({ to }) => to)),
    reasons: unique(few.flatMap(({ reasons }) => reasons)),
    party: strangers(from) ? tail.party : undefined,
  }));
  // Sources with the same destinations together.
  const alike = groupBy(sources, ({ to, reasons, party }) => [party, ...to, ...reasons].join("|"));
  return [...alike.values()].flatMap((few) => {
    const [first] = few;
    if (first === undefined) return [];
    const subject = listed(few.map(({ from }) => from));
    const party = first.party === undefined ? {} : { party: first.party };
    return [{ kind: tail.kind, subject, what: tail.what(listed(first.to)), by: first.reasons, ...party }];
  });
}

/** What is accepted, source by source: where only those are other ones, only they are told. */
interface Taken {
  readonly who: string;
  readonly to: string;
  readonly reason: string;
}

function taken({ declaration }: Side): readonly Taken[] {
  return declaration.accepted.flatMap((risk: AcceptedRisk) =>
    risk.kind === "exposure"
      ? risk.from.map((from) => ({ who: from, to: risk.to, reason: risk.reason }))
      : [{ who: `the loss of ${risk.of}`, to: "", reason: risk.reason }],
  );
}

function riskEffects(base: Side, head: Side): readonly Effect[] {
  const [before, after] = [taken(base), taken(head)];
  const key = ({ who, to, reason }: Taken): string => [who, to, reason].join("|");
  const lacking = (some: readonly Taken[], others: readonly Taken[]): readonly Taken[] => {
    const known = new Set(others.map(key));
    return some.filter((one) => !known.has(key(one)));
  };
  const rows = (some: readonly Taken[], what: string, other: Side, party: "new" | "gone"): readonly Effect[] => {
    const strangers = strangersTo(other);
    return [...groupBy(some, ({ who, reason }) => `${who}|${reason}`).values()].flatMap((few) => {
      const [first] = few;
      if (first === undefined) return [];
      const targets = few.map(({ to }) => to).filter((to) => to !== "");
      const subject = targets.length === 0 ? first.who : `${first.who} -> ${listed(targets)}`;
      return [{ kind: "risk" as const, subject, what, by: [first.reason], ...(strangers(first.who) ? { party } : {}) }];
    });
  };
  return [
    ...rows(lacking(after, before), "is accepted now", base, "new"),
    ...rows(lacking(before, after), "is no longer accepted", head, "gone"),
  ];
}

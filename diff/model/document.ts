import type { ChangeGroup, Effect, EffectKind, EstateDiff, FieldChange, Operation } from "./model";

/** A part of what is shown, which can be left out as a whole. */
export type Block =
  | { readonly kind: "row"; readonly title: string; readonly effect: Effect }
  | { readonly kind: "group"; readonly title: string; readonly lines: readonly string[] };

/** Words for the first column. */
export const KIND_WORDS: Readonly<Record<EffectKind, string>> = {
  refused: "refused",
  unsafe: "unsafe on the way",
  fails: "does not work",
  data: "data or keys at risk",
  deleted: "deleted",
  replaced: "replaced",
  poweredOff: "powered off",
  exposed: "open undeclared",
  opened: "opened",
  closed: "closed",
  restarts: "restarts",
  waits: "restarts in turn",
  route: "route",
  risk: "risk",
  secret: "secret",
  created: "new",
  rollsOut: "rolls out",
  scales: "size",
  reloads: "reloads",
  mended: "mended",
};

const SIGNS: Readonly<Record<Operation, string>> = { delete: "-", replace: "±", update: "~", create: "+", state: "." };
const VERBS: Readonly<Record<Operation, string>> = {
  delete: "deleted",
  replace: "replaced",
  update: "changed",
  create: "new",
  state: "changed in the state alone",
};

/** Lines of one group that are shown at most, and characters of one line: the rest is counted. */
const MOST_LINES = 200;
const MOST_CHARACTERS = 400;
const MOST_NAMES = 8;
const MOST_MOMENTS = 12;

/** What is shown below the sentence, the most important first. @param all nothing of a group is cut */
export function blocksOf({ effects, groups }: Pick<EstateDiff, "effects" | "groups">, all = false): readonly Block[] {
  return [
    ...effects.map((effect): Block => ({
      kind: "row",
      title: `${KIND_WORDS[effect.kind]}: ${effect.subject}`,
      effect,
    })),
    ...groups.map((group): Block => ({ kind: "group", title: titleOf(group), lines: linesOf(group, all) })),
  ];
}

/** "~ command:remote:Command, the same on 22: bastion-01-config, ...". */
function titleOf({ operation, type, names }: ChangeGroup): string {
  const shownNames = names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES), "..."] : names;
  const many = names.length > 1 ? `, the same on ${names.length}` : "";
  return `${SIGNS[operation]} ${VERBS[operation]}: ${type}${many}: ${shownNames.join(", ")}`;
}

function linesOf({ names, changes, because }: ChangeGroup, all: boolean): readonly string[] {
  const named = names.length > MOST_NAMES ? [`  all of them: ${names.join(", ")}`] : [];
  const lines = [
    ...(because.length > 0 ? [`  because of ${because.join("; ")}`] : []),
    ...changes.flatMap(changeLines),
  ].map((line) => (!all && line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)} ...` : line));
  return !all && lines.length > MOST_LINES
    ? [...named, ...lines.slice(0, MOST_LINES), `  ... and ${lines.length - MOST_LINES} more lines`]
    : [...named, ...lines];
}

const SECRET_WORDS = {
  new: "a secret, not shown",
  gone: "a secret, which is gone",
  other: "another one; it is secret, or has secrets in it",
} as const;

/** First characters as in a unified diff, so that whoever colours those colours these. */
function changeLines(change: FieldChange): readonly string[] {
  const { path } = change;
  switch (change.kind) {
    case "secret":
      return [`! ${path}: ${SECRET_WORDS[change.now]}`];
    case "set":
      return [`  ${path}:`, ...change.removed.map((one) => `-   ${one}`), ...change.added.map((one) => `+   ${one}`)];
    case "lines":
      return [
        `  ${path}:`,
        ...change.hunks.flatMap((hunk, index) => [
          ...(index > 0 ? ["    ..."] : []),
          ...hunk.map((line) => `${line.slice(0, 1)}   ${line.slice(1)}`),
        ]),
      ];
    case "value":
      return [
        ...(change.before === undefined ? [] : [`- ${path}: ${change.before}`]),
        ...(change.after === undefined ? [] : [`+ ${path}: ${change.after}`]),
      ].flatMap((text) => text.split("\n"));
  }
}

/** "576 resources: 3 new, 1 deleted, 22 changed, 550 as they were." */
export function countLine({ counts }: EstateDiff): string {
  const parts = (["create", "delete", "replace", "update", "state"] as const).flatMap((operation) =>
    counts[operation] > 0 ? [`${counts[operation]} ${VERBS[operation]}`] : [],
  );
  return `Resources: ${[...parts, `${counts.same} as they were`].join(", ")}.`;
}

/** "It costs 1,234.56 EUR a month (before: the same), at prices of 2026-06-30." */
export function costLine({ cost: { before, after, asOf } }: EstateDiff): string {
  return `It costs ${after} (before: ${before === after ? "the same" : before}), at prices of ${asOf}.`;
}

/** "db-slave-02: patroni.service restarts in its turn; ... The web: no interruption." */
export function timelineLine({ timeline: { moments, web, asOf }, effects }: EstateDiff): string {
  if (effects.some(({ kind }) => kind === "unsafe"))
    return "It does NOT get there safely: see what is unsafe on the way, above. An up refuses it.";
  const told = moments.slice(0, MOST_MOMENTS).map(({ what }) => what);
  const more = moments.length > MOST_MOMENTS ? [`and ${moments.length - MOST_MOMENTS} more`] : [];
  const gone = effects.some(({ kind }) => kind === "deleted");
  const onTheWay =
    told.length === 0
      ? `On the way nothing ${gone ? "else " : ""}stops.`
      : `On the way (durations of ${asOf}): ${[...told, ...more].join("; ")}.`;
  return `${onTheWay} ${webLine(web, effects)}`;
}

/** What goes is told by itself, and so is what a reload of the web entry ends. */
function webLine(web: string, effects: readonly Effect[]): string {
  const leaves = effects.some(({ kind, what }) => kind === "route" && what === "is no longer served");
  const reloads = effects.some(({ kind, subject }) => kind === "reloads" && subject.startsWith("ingress-nginx"));
  const whole = leaves ? "no interruption of what stays" : "no interruption";
  return web.replace(/no interruption\.$/, `${whole}${reloads ? ", but for open WebSockets and streams" : ""}.`);
}

/** Whether the verifier proves the second estate. */
export function verdictLine({ effects }: EstateDiff): string {
  const refused = effects.filter(({ kind }) => kind === "refused").length;
  return refused === 0
    ? "The verifier proves it: every declared flow is open, nothing else is but what is accepted, and every hop is patient enough."
    : `The verifier does NOT prove it: ${refused} finding${refused === 1 ? "" : "s"}, above. An up refuses it.`;
}

import type { Effect, EffectKind } from "../model/model";
import { KIND_WORDS } from "../model/document";
import { counted, listed, RECONNECT } from "./names";

const MOST_TOLD = 2;
const MOST_CHARACTERS = 1500;
const GRAVE: readonly EffectKind[] = ["refused", "unsafe", "fails", "data"];
const RECONNECTING = "open WebSockets and streams, which connect anew";

/** Kinds of which somebody may notice that something is away for a moment, or for good. */
const INTERRUPTIONS: readonly EffectKind[] = ["deleted", "replaced", "poweredOff", "restarts", "waits"];

/** What a reviewer must know, in one sentence. @param cost "+0.00 EUR a month" */
export function sentenceOf(effects: readonly Effect[], changes: number, cost: string): string {
  if (changes === 0 && effects.length === 0) return "Nothing changes.";
  const of = (...kinds: readonly EffectKind[]): readonly Effect[] => effects.filter(({ kind }) => kinds.includes(kind));
  const routes = of("route");
  const audience = routes.some(({ what }) => /(^|, )for [^;]+? -> /.test(what));
  const manyRoutes = (names: string): string => `${routes.length} routes change: ${names}`;
  const clauses = [
    ...refusal(of("refused")),
    ...told(of("unsafe"), (names) => `refused on the way: ${names}`),
    ...told(of("fails"), (names) => `does not work: ${names}`),
    ...told(of("data"), (names) => `at risk, though they hold data or keys: ${names}`),
    ...(audience ? told(routes, manyRoutes) : []),
    ...ways(of("opened", "closed", "exposed"), audience),
    ...(audience ? [] : told(routes, manyRoutes)),
    ...risks(of("risk")),
    ...secrets(of("secret")),
    ...told(of("scales"), (names) => `other sizes: ${names}`),
    ...interruption(effects),
    cost,
  ];
  const whole = clauses.join("; ");
  const text = whole.length > MOST_CHARACTERS ? `${whole.slice(0, MOST_CHARACTERS)} ...` : whole;
  // A name keeps its spelling.
  return `${/^(nobody|no|the|at|server)\b/.test(text) ? text.slice(0, 1).toUpperCase() + text.slice(1) : text}.`;
}

const refusal = (found: readonly Effect[]): readonly string[] =>
  found.length === 0 ? [] : [`the verifier refuses it for ${counted(found.length, "finding")}`];

/** "n8n/n8n-main may now reach ...", "server a: deleted". */
const clause = ({ subject, brief = subject, what }: Effect): string =>
  /^(may|can|need|is|are|gets?) /.test(what) ? `${brief} ${what}` : `${brief}: ${what}`;

/** Each by itself; of many the names. */
function told(some: readonly Effect[], many: (names: string) => string): readonly string[] {
  return some.length <= MOST_TOLD ? some.map(clause) : [many(listed(namesOf(some), 4))];
}

const namesOf = (some: readonly Effect[]): readonly string[] => [
  ...new Set(some.map(({ subject, brief = subject }) => brief)),
];

/** @param audience somebody's way changes by a route's audience. */
function ways(some: readonly Effect[], audience: boolean): readonly string[] {
  const [made, gone] = (["new", "gone"] as const).map((party) => namesOf(some.filter((one) => one.party === party)));
  const others = some.filter(({ party }) => party === undefined);
  const comes = (all: readonly string[] | undefined, one: string, many: string): readonly string[] =>
    all === undefined || all.length === 0 ? [] : [`${listed(all, 4)} ${all.length > 1 ? many : one}`];
  const rest = audience || some.length > 0 ? "nobody else's way changes" : "nobody's way changes";
  return [
    ...comes(made, "is new, with ways of its own", "are new, with ways of their own"),
    ...comes(gone, "is gone, with its ways", "are gone, with their ways"),
    ...told(others, (names) => `${others.length} ways change: ${names}`),
    ...(others.length <= MOST_TOLD ? [rest] : []),
  ];
}

function risks(some: readonly Effect[]): readonly string[] {
  const taken = some.filter(({ what, party }) => party === undefined && what === "is accepted now");
  return taken.length === 0 ? [] : [`newly accepted: ${listed(namesOf(taken), 4)}`];
}

const secrets = (some: readonly Effect[]): readonly string[] =>
  some.filter(({ what }) => what.startsWith("get")).map(clause);

function interruption(effects: readonly Effect[]): readonly string[] {
  const rolling = effects.filter(({ kind }) => kind === "rollsOut");
  const gaps = rolling.filter(({ what }) => what.includes("nothing answers"));
  // A Job is nobody's way.
  const gentle = rolling
    .filter(({ subject, what }) => !what.includes("nothing answers") && !subject.startsWith("Job "))
    .reduce((sum, { many = 1 }) => sum + many, 0);
  // Whoever is told that something fails, or that data is lost, is told nothing of rest.
  const grave = effects.some(({ kind }) => GRAVE.includes(kind));
  const reconnects = effects.some(({ kind, what }) => kind === "reloads" && what.includes(RECONNECT));
  const found = [
    ...INTERRUPTIONS.flatMap((kind) => {
      const names = namesOf(effects.filter((one) => one.kind === kind));
      return names.length === 0 ? [] : [`${KIND_WORDS[kind]}: ${listed(names, 4)}`];
    }),
    ...(gaps.length === 0 ? [] : [`away until its new pod is ready: ${listed(namesOf(gaps), 4)}`]),
  ];
  return [
    ...(found.length > 0
      ? [...found, ...(reconnects ? [RECONNECTING] : [])]
      : grave
        ? []
        : [reconnects ? `no interruption is foreseen, but for ${RECONNECTING}` : "no interruption is foreseen"]),
    ...(gentle === 0 ? [] : [`${counted(gentle, "workload")} rolled out pod by pod`]),
  ];
}

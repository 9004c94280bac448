// Prod with more workers: the work grows with them and not with their square, and no single one of them is overlooked.
import type { EmittedGraph } from "../../verifier/read/graph";
import { Crowd } from "../../verifier/walk/crowd";
import type { Verdict } from "../../verifier/finding";
import { Paths } from "../../verifier/walk/paths";
import { Policies } from "../../verifier/read/policies";
import type { Trail } from "../../verifier/walk/steps";
import { Ufw } from "../../verifier/read/ufw";
import { verify } from "../../verifier/verify";
import { withFile, withInput, type Edit } from "../../verifier/mutations/graphEdits";
import { prodWithWorkers } from "../../tools/prodWithWorkers";
import { emitted } from "../support/emitted";
import { sampled, WHOLE } from "../support/whole";

const LIMIT_MS = 300_000;
const RULES = "/etc/ufw/user.rules";
const FEW = 30;
const MANY = WHOLE ? 120 : 60;

let few: EmittedGraph;
beforeAll(() => {
  few = emitted(prodWithWorkers(FEW));
}, LIMIT_MS);
afterEach(() => jest.restoreAllMocks());

const rulesOf = (graph: EmittedGraph, host: string): readonly string[] => {
  const view = graph.resources.find(({ type, name }) => type === "keybuzz:machines:Host" && name === host);
  const files = view?.inputs["files"] as Readonly<Record<string, string>> | undefined;
  return (files?.[RULES] ?? "").split("\n").filter((line) => /^-A ufw-user-(input|forward) /.test(line));
};

/** Filters that one verdict asks, and paths that it follows step by step. */
function work(graph: EmittedGraph): { readonly filters: number; readonly followed: number; readonly verdict: Verdict } {
  const spies = {
    filters: [
      jest.spyOn(Ufw.prototype, "admits"),
      jest.spyOn(Ufw.prototype, "admitsAll"),
      jest.spyOn(Ufw.prototype, "passesOn"),
      jest.spyOn(Policies.prototype, "admitsPeer"),
    ],
    followed: (["machineToHost", "podToHost", "podToPod", "nodeToPod", "podToBalancer", "podToOutside"] as const).map(
      (name) => jest.spyOn(Paths.prototype, name),
    ),
  };
  const verdict = verify(graph);
  const calls = (of: readonly jest.SpyInstance[]): number => of.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  const counts = { filters: calls(spies.filters), followed: calls(spies.followed), verdict };
  jest.restoreAllMocks();
  return counts;
}

test(
  "more workers: at most as many times the work, for the square of that in pairs",
  () => {
    const many = emitted(prodWithWorkers(MANY));
    const [small, large] = [work(few), work(many)];
    expect([small.verdict.ok, large.verdict.ok]).toEqual([true, true]);
    expect(large.verdict.counts.paths).toBeGreaterThan(((MANY / FEW) ** 2 / 2) * small.verdict.counts.paths);
    expect(large.filters).toBeLessThan((MANY / FEW) * small.filters);
    expect(large.followed).toBeLessThan((MANY / FEW) * small.followed);
    // The rules themselves do not grow with the workers: they name blocks of them.
    expect(rulesOf(many, "k3s-worker-07").length).toBeLessThan(1.5 * rulesOf(few, "k3s-worker-07").length);
  },
  LIMIT_MS,
);

/** Each pair of a source and a destination followed for itself: what grouping them must agree with. */
function pairByPair(graph: EmittedGraph): Verdict {
  jest.spyOn(Crowd.prototype, "follow").mockImplementation(function* (
    this: Crowd<{ readonly address: number }>,
    _admitted,
    _apart,
    follow: (member: { readonly address: number }) => Trail | undefined,
  ) {
    for (const member of this.members) {
      const trail = follow(member);
      if (trail !== undefined) yield { trail, times: 1 };
    }
  });
  const verdict = verify(graph);
  jest.restoreAllMocks();
  return verdict;
}

/** What can go wrong on one worker, at each of its rules and beside them. */
function mishaps(worker: string): readonly (readonly [what: string, edit: Edit])[] {
  const rewrite = (what: string, change: (rules: string) => string): readonly [string, Edit] => [
    what,
    withFile(worker, RULES, change),
  ];
  return [
    ...rulesOf(few, worker).flatMap((line) => [
      rewrite(`without ${line}`, (rules) => rules.replace(`${line}\n`, "")),
      ...(line.startsWith("-A ufw-user-input ")
        ? [rewrite(`to everybody: ${line}`, (rules) => rules.replace(line, line.replace(/ -s \S+/, "")))]
        : []),
    ]),
    rewrite("one more source", (rules) =>
      rules.replace("\n### END", "\n-A ufw-user-input -p tcp --dport 10250 -s 10.0.0.134 -j ACCEPT\n### END"),
    ),
    rewrite("one more block", (rules) =>
      rules.replace("\n### END", "\n-A ufw-user-input -p tcp --dport 10250 -s 10.0.0.120/30 -j ACCEPT\n### END"),
    ),
    rewrite("a block with an address that nobody has", (rules) =>
      rules.replace("\n### END", "\n-A ufw-user-input -p tcp --dport 10250 -s 10.0.16.0/30 -j ACCEPT\n### END"),
    ),
    [
      "nothing goes out",
      withFile(worker, "/etc/default/ufw", (text) => text.replace('OUTPUT_POLICY="ACCEPT"', 'OUTPUT_POLICY="DROP"')),
    ],
    ["UFW off", withInput(worker, ["units", "ufw.service", "enabled"], false)],
  ];
}

test(
  "whatever goes wrong on one worker of thirty is found, names it, and is what following each pair finds",
  () => {
    expect(verify(few)).toEqual(pairByPair(few));
    // One in the middle of a block with all that can happen to it, and every seventh of the first and the last.
    for (const [worker, step] of [
      ["k3s-worker-17", 1],
      ["k3s-worker-01", 7],
      [`k3s-worker-${FEW}`, 7],
    ] as const) {
      const all = mishaps(worker);
      expect(all.length).toBeGreaterThan(60);
      const chosen = all.filter((_, index) => index % step === 0);
      for (const [what, edit] of sampled(chosen, 8)) {
        const graph = edit(few);
        expect(JSON.stringify(graph) === JSON.stringify(few) ? `${what} changed nothing` : "").toBe("");
        const verdict = verify(graph);
        const naming = verdict.findings.filter((finding) => JSON.stringify(finding).includes(worker));
        expect(naming.length > 0 ? "" : `${worker}: ${what} was not noticed`).toBe("");
        const index = all.findIndex(([one]) => one === what);
        if (index % 7 === 0 || index > all.length - 6) expect(verdict).toEqual(pairByPair(graph));
      }
    }
  },
  LIMIT_MS,
);

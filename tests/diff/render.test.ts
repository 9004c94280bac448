import type { ChangeGroup, Effect, EstateDiff } from "../../diff/model/model";
import { markdown } from "../../diff/render/markdown";
import { terminal } from "../../diff/render/terminal";

const effect = (subject: string, kind: Effect["kind"] = "opened"): Effect => ({
  kind,
  subject,
  what: "may now reach b",
  by: ["UFW of b"],
});
const group = (name: string, lines: number): ChangeGroup => ({
  operation: "update",
  type: "keybuzz:machines:Host",
  names: [name],
  because: [],
  changes: [
    { path: "files", kind: "lines", hunks: [Array.from({ length: lines }, (_, i) => `+line ${i} of ${name}`)] },
  ],
});
const diff = (parts: Partial<EstateDiff>): EstateDiff => ({
  stack: "prod",
  base: "main",
  head: "this",
  sentence: "a may now reach b.",
  cost: { before: "1.00 EUR a month", after: "2.00 EUR a month", change: "+1.00 EUR a month", asOf: "2026-06-30" },
  timeline: { moments: [], web: "The web: no interruption.", asOf: "2026-11-28" },
  effects: [],
  counts: { delete: 0, replace: 0, update: 1, create: 0, state: 0, same: 3 },
  groups: [],
  ...parts,
});

test("the sentence comes first, then what changes for whom, then the resources", () => {
  const text = markdown(diff({ effects: [effect("a")], groups: [group("h", 2)] }));
  const places = ["a may now reach b.", "| opened | a |", "<details><summary>~ changed"].map((part) =>
    text.indexOf(part),
  );
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
});

test("what fits stays, what matters least goes first, and that is said", () => {
  const large = diff({
    effects: [effect("a", "data")],
    groups: [group("first", 150), group("second", 190), group("third", 5)],
  });
  const whole = markdown(large).length;
  const text = markdown(large, whole - 2000);
  expect(text.length).toBeLessThanOrEqual(whole - 2000);
  expect(text).toContain("data or keys at risk");
  expect(text).toContain("line 149 of first");
  expect(text).not.toContain("line 1 of second");
  expect(text).toContain("line 4 of third");
  expect(text).toMatch(/Left out, to stay below [\d,]+ characters: 1 of 4 parts, the least important: .*Host: second/);
});

test("what happens on the way is told in order, and nothing of the kind where it is refused", () => {
  const moments = ["db-slave-02 restarts", "db-master-01 restarts"].map((what, step) => ({ what, step }));
  const timeline = { moments, web: "The web: no interruption.", asOf: "2026-11-28" };
  const safe = terminal(diff({ timeline }), { colours: false });
  expect(safe).toContain("On the way (durations of 2026-11-28): db-slave-02 restarts; db-master-01 restarts. The web");
  expect(terminal(diff({}), { colours: false })).toContain("On the way nothing stops. The web: no interruption.");
  const unsafe = terminal(diff({ timeline, effects: [effect("PostgreSQL", "unsafe")] }), { colours: false });
  expect(unsafe).toMatch(/unsafe on the way +PostgreSQL: may now reach b/);
  expect(unsafe).toContain("It does NOT get there safely");
  expect(unsafe).not.toContain("db-slave-02 restarts");
});

test("everything fits: nothing is said of that", () => {
  expect(markdown(diff({ groups: [group("h", 2)] }))).not.toContain("Left out");
});

test("what somebody wrote is text: no markup, nobody is mentioned, and no fence is closed", () => {
  const evil = "[x](https://evil.example) <img src=x> @everyone `a` | #12\n\n# big";
  const text = markdown(
    diff({
      sentence: evil,
      effects: [effect(evil)],
      groups: [{ ...group("h", 0), changes: [{ path: "a", kind: "value", before: "```\n</details>", after: "x" }] }],
    }),
  );
  const outside = text.replaceAll(/^(`{3,})diff\n[\s\S]*?\n\1$/gm, "");
  expect(outside).not.toMatch(/@everyone|<img|\n# big|[^\\]\[x\]|[^\\]`a|[^&]#12/);
  expect(text).toContain("````diff\n- a: ```");
});

test("a terminal is not steered by what is shown on it", () => {
  const text = terminal(diff({ effects: [effect("a\u001b[2Jb")], groups: [group("h", 1)] }), { colours: false });
  expect(text).not.toContain("\u001b");
  const everywhere = diff({ sentence: "\u001b[2J", base: "\u001b[3J", effects: [effect("\u001b[4J".repeat(30))] });
  // One that is left out is named.
  expect(terminal(everywhere, { colours: false, budget: 10 })).not.toContain("\u001b");
  expect(terminal(diff({ groups: [group("h", 1)] }), { colours: true })).toContain("\u001b[32m+");
});

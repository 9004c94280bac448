import { judgeChange } from "../../../verifier/change/judgeChange";
import { NotJudgeableError, type Change } from "../../../verifier/change/movement";
import { change, dropIn, edited, inputs, of, prodEstate, urnOf, type Edit } from "./support/prodEstate";

const prod = prodEstate();
const DATABASES = ["db-slave-02", "db-slave-01", "db-master-01"];

const larger = of(DATABASES, inputs({ serverType: "ccx33" }));
/** One after the other, as the program registers servers whose type changes. */
const chained: Edit = (one) => {
  const before = DATABASES[DATABASES.indexOf(one.name) - 1];
  if (before === undefined || !one.type.endsWith(":Server")) return one;
  return { ...one, dependencies: [...(one.dependencies ?? []), urnOf(prod, before)] };
};
const hooked = of(DATABASES, (one) => ({ ...one, hooks: [`${one.name}-leaves`, `${one.name}-is-back`] }));

const harms = (of: Change): readonly string[] => judgeChange(of, "prod").harms.map(({ kind, why }) => `${kind} ${why}`);
const after = (...edits: readonly Edit[]): Change => change(prod, edited(prod, ...edits));

test("nothing changes", () => {
  const { ok, harms: found, timeline } = judgeChange(after(), "prod");
  expect({ ok, found, moments: timeline.moments }).toEqual({ ok: true, found: [], moments: [] });
});

describe("a cluster whose members are resized", () => {
  test("all at once is refused", () => {
    expect(harms(after(larger))).toEqual([expect.stringMatching(/^majority .* may be powered off at the same time/)]);
  });
  test("one after the other, each handing over and waited for, is told", () => {
    const { ok, timeline } = judgeChange(after(larger, chained, hooked), "prod");
    expect(ok).toBe(true);
    expect(timeline.moments.map(({ step, what, seconds }) => [step, what.split(":")[0], seconds])).toEqual([
      [1, "db-slave-02", [3.3, 4.5]],
      [2, "db-slave-01", [3.3, 4.5]],
      [3, "db-master-01", [3.3, 4.5]],
    ]);
    expect(timeline.web).toBe("The web: no interruption.");
  });
  test("one after the other, without anybody who waits until it is back, is refused", () => {
    expect(harms(after(larger, chained))).toEqual([expect.stringMatching(/^majority/)]);
  });
  test("with hooks and in no order is refused", () => {
    expect(harms(after(larger, hooked))).toEqual([expect.stringMatching(/^majority/)]);
  });
  test("one member without handing over is longer away than a hand-over, which a budget may allow, or a name", () => {
    const one = after(of(["db-master-01"], inputs({ serverType: "ccx33" })));
    expect(harms(one)).toEqual([expect.stringMatching(/^budget .*writes wait 10 to 13\.6 s, and 4\.5 s are allowed/)]);
    expect(judgeChange({ ...one, consent: ["db-master-01"] }, "prod")).toMatchObject({ ok: true, consented: [{ kind: "budget" }] });
    expect(judgeChange({ ...one, consent: ["db-slave-01"] }, "prod").ok).toBe(false);
    const patient = { ...prod, declaration: { ...(prod.declaration as object), outageBudget: { postgres: 14 } } };
    expect(harms(change(prod, edited(patient, of(["db-master-01"], inputs({ serverType: "ccx33" })))))).toEqual([]);
  });
}); // prettier-ignore

describe("daemons that restart in turn", () => {
  const restart = DATABASES.map((host) => dropIn(host, "patroni.service"));
  test("one after the other", () => {
    const { ok, timeline } = judgeChange(after(...restart), "prod");
    expect(ok).toBe(true);
    expect(timeline.moments.map(({ what }) => what.slice(0, 50))).toContainEqual(
      expect.stringMatching(/patroni\.service restarts in its turn/),
    );
  });
  test("at once, where a turn does not wait for the one before", () => {
    const loose = of(["postgres-turn-db-slave-01-leader"], (one) => ({
      ...one,
      dependencies: (one.dependencies ?? []).filter((urn) => !/-turn-/.test(urn)),
    }));
    expect(harms(after(...restart, loose))).toEqual([
      expect.stringMatching(/^majority .* may restart at the same time/),
    ]);
  });
  test("at once, where the program says so", () => {
    const hasty: Edit = (one) => {
      if (one.type !== "keybuzz:machines:Host" || !DATABASES.includes(one.name)) return one;
      const units = one.inputs["units"] as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      const { inTurn: _turn, ...patroni } = units["patroni.service"] ?? {};
      return inputs({ units: { ...units, "patroni.service": patroni } })(one);
    };
    expect(harms(after(...restart, hasty))).toEqual([expect.stringMatching(/^majority/)]);
  });
});

test("consent to fewer than all of a majority is none", () => {
  const all = after(larger);
  expect(judgeChange({ ...all, consent: ["db-master-01"] }, "prod").ok).toBe(false);
  expect(judgeChange({ ...all, consent: DATABASES }, "prod").ok).toBe(true);
  expect(judgeChange({ ...all, consent: ["prod"] }, "prod").ok).toBe(true);
});

describe("the way in", () => {
  const cidrs = (...all: readonly string[]) => {
    const declaration = prod.declaration as { flows: readonly { from: { kind: string } }[] };
    const flows = declaration.flows.map((flow) => (flow.from.kind === "operators" ? { ...flow, from: { ...flow.from, cidrs: all } } : flow));
    return change(prod, { ...prod, declaration: { ...declaration, flows } });
  };
  test("that the run itself comes by must stay", () => {
    const fewer = change({ ...prod, declaration: at(cidrs("203.0.113.0/24", "198.51.100.0/24")) }, { ...prod, declaration: at(cidrs("198.51.100.0/24")) });
    expect(harms(fewer)).toEqual([]);
    expect(harms({ ...fewer, runsFrom: "203.0.113.7" })).toEqual([expect.stringMatching(/^door 203\.0\.113\.7 is where this run comes from/)]);
    expect(harms({ ...fewer, runsFrom: "198.51.100.7" })).toEqual([]);
  });
  const at = (of: Change): unknown => of.after.resources.find(({ type }) => type === "keybuzz:stacks:Platform")?.inputs["declaration"];
}); // prettier-ignore

describe("what cannot be judged is said, and never taken for nothing", () => {
  test("no base", () => {
    expect(() => judgeChange({ ...after(), before: { resources: [] } }, "prod")).toThrow(NotJudgeableError);
  });
  test("a base of another stack", () => {
    const other = JSON.parse(
      JSON.stringify(prod).replaceAll("urn:pulumi:prod::", "urn:pulumi:staging::"),
    ) as typeof prod;
    expect(() => judgeChange(change(other, prod), "prod")).toThrow(/what is there is stack staging/);
  });
  test("a base that does not tell the order", () => {
    const older = { ...prod, resources: prod.resources.map(({ dependencies: _, ...one }) => one) };
    expect(judgeChange(change(older, prod), "prod").unknown).toContainEqual(expect.stringMatching(/In which order/));
  });
});

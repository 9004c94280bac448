import type { Example } from "./support/page";
import { exampleOf, EXAMPLES, expectShown, LIMIT_MS, Trial } from "./support/trial";

jest.setTimeout(LIMIT_MS);

let trial: Trial;
beforeAll(() => {
  trial = new Trial();
});
afterAll(() => trial.dispose());

describe("each example by itself", () => {
  test.each(EXAMPLES)("$title: it compiles", (example) => {
    expect(trial.compile(example)).toEqual([]);
  });

  test.each(EXAMPLES)("$title: the commands of the page show it", async (example) => {
    expectShown(example, await trial.show(example));
  });
});

describe("what the page says is refused, is refused", () => {
  /** The data cluster with some of its steps left out. */
  const without = (...files: readonly string[]): Example => {
    const { changes, ...rest } = exampleOf("A data cluster");
    for (const file of files) expect(changes.map((change) => change.file)).toContain(file);
    return { ...rest, changes: changes.filter(({ file }) => !files.includes(file)) };
  };

  it("a route of 120 s: nginx' three tries outlast the balancers", async () => {
    const route = exampleOf("A route's timeout");
    const changes = route.changes.map((change) => ({
      ...change,
      text: change.text.replaceAll("Seconds: 90", "Seconds: 120"),
    }));
    const [verdict] = await trial.show({ ...route, changes }, ["verify -- --stack prod"]);
    expect(verdict?.code).toBe(1);
    expect(verdict?.output).toContain("300 s, but ingress-nginx behind it may take 375 s");
  });

  it("a cluster without its row among the roles", () => {
    expect(trial.compile(without("stacks/roles.ts")).join("\n")).toMatch(/stacks\/\w+\.ts: .*"nats"/);
  });

  it("a cluster whose configuration the verifier cannot read", async () => {
    const unread = without("verifier/read/listeners.ts", "verifier/ask/alive.ts");
    const [verdict] = await trial.show(unread, ["verify -- --stack local"]);
    expect(verdict?.code).toBe(1);
    expect(verdict?.output).toMatch(/nats-01: missing: a daemon on[^]*nothing that is understood listens on 6222/);
  });
});

import { drawnHouse } from "./support/house";
import { applyDiff } from "./support/page";
import { exampleOf, EXAMPLES, expectShown, LIMIT_MS, PAGE, SHOWN, Trial } from "./support/trial";

jest.setTimeout(LIMIT_MS);

// All examples at once, and the commands of the longest one; each by itself: whole.test.ts.
let trial: Trial;
beforeAll(() => {
  trial = new Trial();
});
afterAll(() => trial.dispose());

test("there are six examples", () => {
  expect(EXAMPLES.map(({ title }) => title).sort()).toEqual(Object.keys(SHOWN).sort());
});

test("the map is that of tools/walls.mjs", () => {
  expect(PAGE).toContain(`\`\`\`text\n${drawnHouse()}\`\`\``);
});

test("together the examples compile", () => {
  expect(trial.compile(...EXAMPLES)).toEqual([]);
});

test("together they keep the rules and the format of the house", async () => {
  const ended = await trial.lint(...EXAMPLES);
  expect(ended).toEqual(ended.map(() => ({ code: 0, output: "" })));
});

test("the commands of the data cluster show it", async () => {
  const cluster = exampleOf("A data cluster");
  expectShown(cluster, await trial.show(cluster));
});

describe("a diff without line numbers", () => {
  const text = "one\ntwo\nthree\ntwo\n";

  it("changes the one place that it fits", () => {
    expect(applyDiff("a.ts", text, " one\n-two\n+zwei\n@@\n three\n+drei\n")).toBe("one\nzwei\nthree\ndrei\ntwo\n");
  });

  it.each([
    ["fits nowhere", "-four\n+vier\n", "in 0 places"],
    ["fits twice", "-two\n+zwei\n", "in 2 places"],
    ["has a line without a mark", " one\ntwo\n", 'begins with "+", "-" or " ": two'],
  ])("is refused when it %s", (_what, diff, message) => {
    expect(() => applyDiff("a.ts", text, diff)).toThrow(message);
  });
});

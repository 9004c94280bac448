import { compareEstates } from "../../diff/compare";
import { resizedServers } from "../../diff/compare/movements";
import type { EmittedEstate } from "../../diff/model/emitted";
import { FORMATS, render } from "../../diff/render";
import { BUDGET } from "../../diff/render/budget";
import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { planEstate } from "../../stacks/plan";
import { environment as prod } from "../../stacks/prod";
import { emittedEstate } from "../../tools/emitEstate";
import { CHANGES, settingsOf } from "./support/changes";
import { golden, recorded } from "./support/golden";
import { STATEMENTS } from "./support/statements";

jest.setTimeout(240_000);

const MADE_UP = /made-up|bWFkZS11cC|BEGIN [A-Z ]*PRIVATE KEY|203\.0\.113\.(9|10)\b/;
const KEY = "the same for both";

let base: EmittedEstate;
beforeAll(async () => {
  base = await emittedEstate(planEstate(prod, EXAMPLE_SETTINGS), KEY);
});

test("each change has statements of its own", () => {
  expect(Object.keys(STATEMENTS)).toEqual(CHANGES.map(({ name }) => name));
});

test.each(CHANGES)("$name: what is said of it", async (change) => {
  const plan = planEstate(change.edit(prod), settingsOf(change));
  const asNew = await emittedEstate(plan, KEY);
  const resized = resizedServers(base, asNew);
  const head = resized.length === 0 ? asNew : await emittedEstate(plan, KEY, resized);
  const diff = compareEstates({ name: "main", estate: base }, { name: "the change", estate: head });
  const { sentence, rows = [] } = STATEMENTS[change.name] as (typeof STATEMENTS)[string];
  const said = diff.effects.map(({ kind, subject, what, by }) => `${kind} ${subject}: ${what} (${by.join("; ")})`);
  expect(diff.sentence).toMatch(sentence);
  for (const row of rows) expect(said).toContainEqual(expect.stringMatching(row));
  expect(golden(diff)).toBe(recorded(change.name, golden(diff)));
  for (const format of ["terminal", "markdown"] as const) expect(render(diff, format).length).toBeLessThan(BUDGET);
  // Secrets are made up; not even those are shown, nor anything else that is.
  for (const format of FORMATS) expect(render(diff, format)).not.toMatch(MADE_UP);
});

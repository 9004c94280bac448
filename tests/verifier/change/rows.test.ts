import { changeOf, resizedServers } from "../../../diff/compare/movements";
import type { EmittedEstate } from "../../../diff/model/emitted";
import { planEstate } from "../../../stacks/plan";
import { environment as prod } from "../../../stacks/prod";
import { EXAMPLE_SETTINGS } from "../../../stacks/emittedGraph";
import { emittedEstate } from "../../../tools/emitEstate";
import { judgeChange } from "../../../verifier/change/judgeChange";
import { HARMFUL, HARMLESS, settingsOf, type Change } from "./support/changes";

jest.setTimeout(240_000);

const KEY = "the same for both";
let base: EmittedEstate;
beforeAll(async () => {
  base = await emittedEstate(planEstate(prod, EXAMPLE_SETTINGS), KEY);
});

async function harmsOf(change: Change): Promise<readonly string[]> {
  const plan = planEstate(change.edit(prod), settingsOf(change));
  const there =
    change.since === undefined ? base : await emittedEstate(planEstate(change.since(prod), settingsOf(change)), KEY);
  const first = await emittedEstate(plan, KEY);
  const resized = change.unasked === true ? [] : resizedServers(there, first);
  const head = resized.length === 0 ? first : await emittedEstate(plan, KEY, resized);
  const { harms } = judgeChange(changeOf(there, head), "prod");
  return harms.map(({ kind, subject, why, way }) => `${kind} ${subject}: ${why} | ${way}`);
}

test.each(HARMFUL)("$name is refused, with the reason and the way", async (change) => {
  const harms = await harmsOf(change);
  for (const said of change.refused ?? []) expect(harms).toContainEqual(expect.stringMatching(said));
  expect(harms.length).toBeGreaterThanOrEqual(change.refused?.length ?? 1);
});

test.each(HARMLESS)("$name hurts nobody", async (change) => {
  expect(await harmsOf(change)).toEqual([]);
});

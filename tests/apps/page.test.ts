import { EXAMPLE_SETTINGS, emittedGraph } from "../../stacks/emittedGraph";
import { validateEnvironment } from "../../stacks/judgeEnvironment";
import { planEstate } from "../../stacks/plan";
import { environment as prod } from "../../stacks/prod";
import { compareRegistrations } from "../../tools/compareRegistrations";
import { registrations, type Registration } from "../../tools/registrations";
import { verify } from "../../verifier/verify";
import { prodWith, writtenApps } from "./support/page";

// Prod is registered four times.
jest.setTimeout(180_000);

const written = writtenApps();
const all = prodWith(written.map(({ app }) => app));

test("the page has an entry of each kind, none above twenty lines", () => {
  expect(written.map(({ app }) => app.name)).toEqual([
    "orders", "chat", "feed", "report", "catalog", "search", "help", "mailer", "legacy",
    "knowledge", "partner", "assistant", "agent", "store",
  ]); // prettier-ignore
  for (const { app, lines } of written) expect(`${app.name}: ${lines <= 20}`).toBe(`${app.name}: true`);
  const kinds = written.flatMap(({ app }) => app.processes.map(({ kind }) => kind));
  expect(new Set(kinds)).toEqual(new Set(["web", "worker", "cron", "daemon"]));
});

test("together, on top of prod, they are valid and proved", async () => {
  expect(validateEnvironment(all, "prod.ts")).toEqual(all);
  const { findings } = verify(await emittedGraph(all, EXAMPLE_SETTINGS));
  expect(findings).toEqual([]);
});

describe("a preview", () => {
  const named = ({ urn }: Registration): string => urn.split("::").slice(2).join(" ").replace(/^.*\$/, "");
  let before: readonly Registration[];
  beforeAll(async () => {
    before = await registrations(planEstate(prod, EXAMPLE_SETTINGS));
  });
  const preview = async (name: string) => {
    const apps = written.map(({ app }) => app).filter((app) => app.name === name);
    const after = await registrations(planEstate(prodWith(apps), EXAMPLE_SETTINGS));
    const { changed, ...rest } = compareRegistrations(before, after);
    // What waits for something more is not changed itself.
    const inputs = ({ inputs: own }: Registration): string => JSON.stringify(own);
    return { ...rest, changed: changed.filter((pair) => inputs(pair.before) !== inputs(pair.after)) };
  };

  test("of a public API names its own objects, its logins and the filters that open, and nothing else", async () => {
    const { added, removed, changed } = await preview("orders");
    expect(removed).toEqual([]);
    expect(added.map(named).sort()).toMatchSnapshot("added");
    expect(changed.map(({ after }) => named(after)).sort()).toMatchSnapshot("changed");
  });

  test("of a worker that sends mail changes nothing of the data tier but the queue's accounts", async () => {
    const { added, removed, changed } = await preview("mailer");
    expect(removed).toEqual([]);
    expect(added.map(named).sort()).toMatchSnapshot("added");
    expect(changed.map(({ after }) => named(after)).sort()).toMatchSnapshot("changed");
  });
});

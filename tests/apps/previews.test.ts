import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { planEstate } from "../../stacks/plan";
import { environment as prod } from "../../stacks/prod";
import { compareRegistrations } from "../../tools/compareRegistrations";
import { registrations, type Registration } from "../../tools/registrations";
import { prodWith, writtenApps } from "./support/page";

// Prod is registered three times.
jest.setTimeout(240_000);

const written = writtenApps();

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

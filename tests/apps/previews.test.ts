import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { planEstate } from "../../stacks/plan";
import { environment as prod } from "../../stacks/prod";
import { compareRegistrations } from "../../tools/compareRegistrations";
import { registrations, type Registration } from "../../tools/registrations";
import { prodWith, writtenApps, writtenObjects } from "./support/page";

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

  test("of all entries of the page removes nothing, and adds only what bears the name of one", async () => {
    // Its passwords are looked at when they are registered, and those that stand in here are too short.
    const entries = written.map(({ app }) => app).filter(({ name }) => name !== "reports");
    const after = await registrations(planEstate(prodWith(entries, writtenObjects().objects), EXAMPLE_SETTINGS));
    const { added, removed } = compareRegistrations(before, after);
    expect(removed).toEqual([]);
    const hosts = (expose: readonly { readonly host: string }[] = []): readonly string[] =>
      expose.map(({ host }) => host);
    const words = [
      ...entries.flatMap(({ name, namespace = name }) => [name, namespace]),
      ...entries.flatMap(({ processes }) => processes.flatMap((one) => (one.kind === "web" ? hosts(one.expose) : []))),
      ...writtenObjects().objects.flatMap(({ pods = [] }) => pods.flatMap(({ expose }) => hosts(expose))),
      ...["redis-insight", "tools", "keybuzz.help"],
    ];
    const foreign = added.map(named).filter((one) => !words.some((word) => one.includes(word)));
    expect(foreign).toEqual([]);
    for (const { name } of entries)
      expect([name, added.some((one) => named(one).includes(name))]).toEqual([name, true]);
  });

  test("of a worker that sends mail changes nothing of the data tier but the queue's accounts", async () => {
    const { added, removed, changed } = await preview("mailer");
    expect(removed).toEqual([]);
    expect(added.map(named).sort()).toMatchSnapshot("added");
    expect(changed.map(({ after }) => named(after)).sort()).toMatchSnapshot("changed");
  });
});

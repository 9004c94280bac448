import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { planEstate } from "../../stacks/plan";
import { environment as prod } from "../../stacks/prod";
import { compareRegistrations } from "../../tools/compareRegistrations";
import { registrations, type Registration } from "../../tools/registrations";
import { prodWith, writtenApps, writtenObjects } from "./support/page";

// Prod is registered once for each entry.
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

  // Alone, or with the application that it asks; its passwords are too short where those of `reports` stand in.
  const ASKS: Readonly<Record<string, string>> = { search: "catalog", board: "sso", agent: "store" };
  const MOVED =
    /^(command:remote:Command|keybuzz:machines:Host|kubernetes:networking\.k8s\.io\/v1:NetworkPolicy|kubernetes:core\/v1:ConfigMap (prometheus|ingress-nginx)-config|hcloud:index\/loadBalancerService:LoadBalancerService) ?/;
  test.each(written.map(({ app }) => app.name).filter((name) => name !== "reports"))(
    "of %s adds what bears its name or host, removes nothing, and touches no other application",
    async (name) => {
      const apps = written.map(({ app }) => app).filter((app) => [name, ASKS[name]].includes(app.name));
      const after = await registrations(planEstate(prodWith(apps), EXAMPLE_SETTINGS));
      const { added, removed, changed } = compareRegistrations(before, after);
      const words = apps.flatMap(({ name: own, namespace = own, processes }) => [
        own,
        namespace,
        ...processes.flatMap((one) => (one.kind === "web" ? (one.expose ?? []).map(({ host }) => host) : [])),
      ]);
      const zones = words.filter((word) => word.includes(".")).map((host) => host.split(".").slice(-2).join("."));
      expect(removed).toEqual([]);
      expect(added.map(named).filter((one) => ![...words, ...zones].some((word) => one.includes(word)))).toEqual([]);
      const touched = changed.filter(
        (pair) => JSON.stringify(pair.before.inputs) !== JSON.stringify(pair.after.inputs),
      );
      expect(touched.map(({ after: one }) => named(one)).filter((one) => !MOVED.test(one))).toEqual([]);
    },
  );

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

import { EXAMPLE_SETTINGS, emittedGraph } from "../../stacks/emittedGraph";
import { validateEnvironment } from "../../stacks/judgeEnvironment";
import type { EmittedGraph, EmittedResource } from "../../verifier/read/graph";
import { verify } from "../../verifier/verify";
import { prodWith, writtenApps } from "./support/page";

jest.setTimeout(120_000);

const written = writtenApps();
const all = prodWith(written.map(({ app }) => app));

test("the page has an entry of each kind, none above twenty lines", () => {
  expect(written.map(({ app }) => app.name)).toEqual([
    "orders", "chat", "feed", "report", "catalog", "search", "desk", "handbook", "help", "reports", "sso",
    "board", "gateway", "widget", "portal", "pricing", "mailer", "legacy", "knowledge", "partner", "assistant", "billing", "agent", "store",
  ]); // prettier-ignore
  for (const { app, lines } of written) expect(`${app.name}: ${lines <= 20}`).toBe(`${app.name}: true`);
  const kinds = written.flatMap(({ app }) => app.processes.map(({ kind }) => kind));
  expect(new Set(kinds)).toEqual(new Set(["web", "worker", "cron", "daemon"]));
});

describe("together, on top of prod", () => {
  let graph: EmittedGraph;
  beforeAll(async () => {
    graph = await emittedGraph(all, EXAMPLE_SETTINGS);
  });

  test("they are valid and proved", () => {
    expect(validateEnvironment(all, "prod.ts")).toEqual(all);
    expect(verify(graph).findings).toEqual([]);
  });

  const RRSET = "hcloud:index/zoneRrset:ZoneRrset";

  test("hosts of the second domain have their records there, and certificates of their own", () => {
    const inputs = (type: string) => graph.resources.filter((one) => one.type === type).map((one) => one.inputs);
    expect(inputs("hcloud:index/zone:Zone").map(({ name }) => name)).toEqual(["keybuzz.io", "keybuzz.help"]);
    const records = inputs(RRSET).filter(({ zone }) => zone === "keybuzz.help");
    expect(records.map(({ name, type }) => [name, type])).toEqual([
      ["@", "A"],
      ["www", "A"],
    ]);
    const platform = inputs(RRSET).find(({ zone, name }) => zone === "keybuzz.io" && name === "platform");
    expect(records.map((one) => one["records"])).toEqual([platform?.["records"], platform?.["records"]]);
    const hosts = inputs("hcloud:index/managedCertificate:ManagedCertificate").flatMap(
      ({ domainNames }) => domainNames,
    );
    expect(hosts).toEqual(expect.arrayContaining(["keybuzz.help", "www.keybuzz.help"]));
  });

  test.each([
    [
      "a record in the other zone",
      (one: EmittedResource) => ({ ...one, inputs: { ...one.inputs, zone: "keybuzz.io" } }),
    ],
    ["no record", () => undefined],
  ])("%s is a finding", (_what, edit) => {
    const resources = graph.resources.flatMap((one) => {
      const { type, inputs } = one;
      return type === RRSET && inputs["zone"] === "keybuzz.help" && inputs["name"] === "www" ? (edit(one) ?? []) : one;
    });
    expect(verify({ resources }).findings).toMatchObject([
      { question: "open", subject: "the internet -> www.keybuzz.help", at: "zone keybuzz.help" },
    ]);
  });
});

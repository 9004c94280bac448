import { EXAMPLE_SETTINGS, emittedGraph } from "../../stacks/emittedGraph";
import { validateEnvironment } from "../../stacks/judgeEnvironment";
import type { EmittedGraph, EmittedResource } from "../../verifier/read/graph";
import { explain } from "../../verifier/explain";
import { verify } from "../../verifier/verify";
import { prodWith, withRealNeeds, writtenApps, writtenObjects } from "./support/page";

jest.setTimeout(120_000);

const written = writtenApps();
const chart = writtenObjects();
const all = withRealNeeds(
  prodWith(
    written.map(({ app }) => app),
    chart.objects,
  ),
);

test("the page has an entry of each kind, none above twenty lines", () => {
  expect(written.map(({ app }) => app.name)).toEqual([
    "orders", "chat", "feed", "report", "catalog", "search", "desk", "handbook", "help", "reports", "sso",
    "board", "gateway", "widget", "portal", "pricing", "mailer", "legacy", "knowledge", "partner", "assistant", "billing", "agent", "store",
  ]); // prettier-ignore
  for (const { app, lines } of written) expect(`${app.name}: ${lines <= 20}`).toBe(`${app.name}: true`);
  expect(chart.objects).toHaveLength(1);
  expect(chart.lines).toBeLessThanOrEqual(20);
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

  test("KeyBuzz' API comes with what a real image needs, by its entry alone", () => {
    const object = (kind: string, name: string): object =>
      graph.resources.find(({ type, inputs }) => type.endsWith(`:${kind}`) && nameOf(inputs) === name)?.inputs ?? {};
    const probe = { httpGet: { path: "/health", port: "http" } };
    expect(object("Deployment", "keybuzz-api")).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [
              {
                image: "ghcr.io/keybuzzio/keybuzz-api:1.0.0",
                ports: [{ name: "http", containerPort: 3000 }],
                readinessProbe: probe,
                livenessProbe: probe,
              },
            ],
          },
        },
      },
    });
    const jobs = graph.resources.filter(({ type, name }) => type.endsWith(":Job") && name.startsWith("keybuzz-api"));
    expect(jobs.map(({ name }) => name)).toEqual(["keybuzz-api-migration"]);
    for (const port of [443, 587])
      expect(explain(graph, "keybuzz-api", `internet:${port}`)).toContain(`the internet:${port}/tcp`);
    expect(explain(graph, "keybuzz-api", "internet:587")).toMatch(/for: keybuzz-api sends mail\n.*all open/);
    expect(explain(graph, "keybuzz-api", "internet:25")).toContain("BLOCKED");
  });

  test("Chatwoot sends mail, fetches it, and has its attachments fetched from outside", () => {
    expect(explain(graph, "chatwoot-worker", "internet:587")).toMatch(/all open/);
    expect(explain(graph, "chatwoot-worker", "internet:993")).toMatch(/all open/);
    expect(explain(graph, "internet", "files.keybuzz.io/keybuzz-chatwoot/8f/a.png")).toMatch(
      /^http files\.keybuzz\.io\/keybuzz-chatwoot -> files\/public-files: for everybody/,
    );
    expect(explain(graph, "public-files", "minio:9000")).toMatch(/all open/);
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

function nameOf(inputs: Readonly<Record<string, unknown>>): unknown {
  return (inputs["metadata"] as { readonly name?: unknown } | undefined)?.name;
}

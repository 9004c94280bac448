import { EXAMPLE_SETTINGS, emittedGraph } from "../../stacks/emittedGraph";
import { validateEnvironment } from "../../stacks/judgeEnvironment";
import { verify } from "../../verifier/verify";
import { prodWith, writtenApps } from "./support/page";

jest.setTimeout(120_000);

const written = writtenApps();
const all = prodWith(written.map(({ app }) => app));

test("the page has an entry of each kind, none above twenty lines", () => {
  expect(written.map(({ app }) => app.name)).toEqual([
    "orders", "chat", "feed", "report", "catalog", "search", "desk", "help", "reports", "sso",
    "board", "gateway", "widget", "portal", "pricing", "mailer", "legacy", "knowledge", "partner", "assistant", "billing", "agent", "store",
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

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { emittedGraph, EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { validateEnvironment } from "../../stacks/judgeEnvironment";
import { knownStacks, loadEnvironment } from "../../stacks/loadEnvironment";
import { PLACEHOLDER } from "../../stacks/placeholder";
import { entryText, firstEntry, withEntry } from "../../tools/newApp";
import { verify } from "../../verifier/verify";

jest.setTimeout(120_000);

const ROOT = join(__dirname, "..", "..");

test("what is written is what is proved", () => {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the program's own text, as it is written
  const written = new Function("PLACEHOLDER", `return [${entryText("shop", "keybuzz.io")}][0];`) as (
    placeholder: typeof PLACEHOLDER,
  ) => unknown;
  expect(written(PLACEHOLDER)).toEqual(firstEntry("shop", "keybuzz.io"));
});

test.each(knownStacks())("%s: it is valid, and formatted as the file is", (stack) => {
  const { web, workloads, ...rest } = loadEnvironment(stack);
  const apps = [...(workloads.apps ?? []), firstEntry("shop", web.zone)];
  validateEnvironment({ ...rest, web, workloads: { ...workloads, apps } }, stack);
  const file = join(ROOT, "stacks", `${stack}.ts`);
  const text = withEntry(file, readFileSync(file, "utf8"), entryText("shop", web.zone));
  expect(text.split('import { PLACEHOLDER } from "./placeholder";')).toHaveLength(2);
  const prettier = join(ROOT, "node_modules", "prettier", "bin", "prettier.cjs");
  const options = { cwd: ROOT, input: text, encoding: "utf8" } as const;
  expect(execFileSync(process.execPath, [prettier, "--stdin-filepath", file], options)).toBe(text);
});

test("in prod it is proved as it stands", async () => {
  const environment = loadEnvironment("prod");
  const apps = [...(environment.workloads.apps ?? []), firstEntry("shop", environment.web.zone)];
  const changed = { ...environment, workloads: { ...environment.workloads, apps } };
  expect(verify(await emittedGraph(changed, EXAMPLE_SETTINGS)).findings).toEqual([]);
});

test("a file without applications is told what to add", () => {
  expect(() => withEntry("stacks/x.ts", "workloads: {}", entryText("shop", "x.org"))).toThrow(/has no list "apps: \["/);
});

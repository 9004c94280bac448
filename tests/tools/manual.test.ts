import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseOptions } from "../../rehearsal/cli/options";
import { knownStacks } from "../../stacks/loadEnvironment";
import { commandsOf, NEEDS, needsOf, PAGES, ROOT } from "./support/manual";

const all = PAGES.flatMap(commandsOf);
const words = (command: string): readonly string[] =>
  [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, one, two, three]) => one ?? two ?? three ?? "");

test("pages tell commands, the first one among them", () => {
  expect(all.length).toBeGreaterThan(50);
  expect(all).toContainEqual({ page: "docs/start.md", command: "npm run rehearse -- up --stack local" });
});

test("every npm script that is told there is one", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly scripts: object };
  const told = PAGES.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), "utf8");
    return [...text.matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name]) => ({ page, name }));
  });
  expect(told.filter(({ name }) => !Object.keys(scripts).includes(name ?? ""))).toEqual([]);
});

const rehearsals = all.filter(({ command }) => /^npm run rehearse( |$)/.test(command) && !command.endsWith("--help"));
test.each(rehearsals.map(({ page, command }) => [page, command]))("%s: %s is taken as it stands", (_, command) => {
  const [, , , separator, ...given] = words(command ?? "");
  if (separator !== undefined) expect(separator).toBe("--");
  expect(() => parseOptions(given, knownStacks())).not.toThrow();
});

test("what no test runs as it stands is needed for a reason that is still told somewhere", () => {
  const unused = NEEDS.filter(([pattern]) => !all.some(({ command }) => pattern.test(command)));
  expect(unused.map(([pattern]) => pattern.source)).toEqual([]);
  // The others are run by tests/tools/manualRun.test.ts: all are npm's, or change a file.
  const others = all.filter((told) => needsOf(told) === undefined);
  expect(others.filter(({ command }) => !/^(npm run |node |sed |mv |npx )/.test(command))).toEqual([]);
});

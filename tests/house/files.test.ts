import { readFileSync } from "node:fs";
import { join } from "node:path";
import { circles, importGraph, ROOT, sourceFiles } from "./support/importGraph";

/** A file is read as a whole. */
const LINES = 300;

test("no circle of files, not even of types alone", () => {
  expect(importGraph().size).toBeGreaterThan(400);
  expect(circles(importGraph()).map((circle) => circle.join(" -> "))).toEqual([]);
});

test("a circle would be found", () => {
  const graph = new Map([
    ["a.ts", ["b.ts", "d.ts"]],
    ["b.ts", ["c.ts"]],
    ["c.ts", ["d.ts", "b.ts"]],
    ["d.ts", []],
    ["e.ts", ["e.ts"]],
  ]);
  expect(circles(graph)).toEqual([
    ["b.ts", "c.ts", "b.ts"],
    ["e.ts", "e.ts"],
  ]);
});

test("imports of types, re-exports and imports in passing are seen", () => {
  const graph = importGraph();
  // import type
  expect(graph.get("components/machines/machineContext.ts")).toContain("components/machines/way.ts");
  // export ... from, and a package of this repository
  expect(graph.get("packages/pulumi-engine/src/index.ts")).toContain("packages/pulumi-engine/src/engine.ts");
  expect(graph.get("rehearsal/localCloud.ts")).toContain("packages/hetzner-api/src/cloud.ts");
});

test(`no file above ${LINES} lines`, () => {
  const lines = (file: string): number => readFileSync(join(ROOT, file), "utf8").split("\n").length - 1;
  const long = sourceFiles().flatMap((file) => (lines(file) > LINES ? [`${file}: ${lines(file)} lines`] : []));
  expect(long).toEqual([]);
});

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import * as ts from "typescript";

export const ROOT = join(__dirname, "..", "..", "..");
/** Not ours, or made. */
const APART = new Set(["node_modules", "coverage", "dist"]);

/** Every TypeScript file of the repository, from its root, with "/". */
export function sourceFiles(): readonly string[] {
  const files = readdirSync(ROOT, { withFileTypes: true }).flatMap((entry) => {
    if (APART.has(entry.name) || entry.name.startsWith(".")) return [];
    if (!entry.isDirectory()) return [entry.name];
    return readdirSync(join(ROOT, entry.name), { recursive: true, encoding: "utf8" })
      .filter((file) => !file.split(sep).some((part) => APART.has(part)))
      .map((file) => join(entry.name, file).split(sep).join("/"));
  });
  return files.filter((file) => /\.(ts|mts)$/.test(file)).sort();
}

/** A program of its own, whose imports are its own business: what the engine's tests run. */
const OWN_PROJECT = "tests/packages/pulumi-engine/programs/";

let known: ReadonlyMap<string, readonly string[]> | undefined;

/**
 * What each file imports of the repository: `import type` and `typeof import()` too, for a circle of types is one
 * thing in two files as well.
 */
export function importGraph(): ReadonlyMap<string, readonly string[]> {
  if (known !== undefined) return known;
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), (file) => ts.sys.readFile(file)) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const cache = ts.createModuleResolutionCache(ROOT, (name) => name, options);
  const lead = (file: string, specifier: string): readonly string[] => {
    if (!specifier.startsWith(".") && !specifier.startsWith("@standin/")) return [];
    const found = ts.resolveModuleName(specifier, join(ROOT, file), options, ts.sys, cache).resolvedModule;
    if (found === undefined) throw new Error(`${file} imports "${specifier}", which is nowhere`);
    return [relative(ROOT, found.resolvedFileName).split(sep).join("/")];
  };
  known = new Map(
    sourceFiles()
      .filter((file) => !file.startsWith(OWN_PROJECT))
      .map((file) => {
        const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, file), "utf8"), true, true);
        return [file, [...new Set(importedFiles.flatMap(({ fileName }) => lead(file, fileName)))]];
      }),
  );
  return known;
}

/** The shortest circle through each group of files that import each other; none where there is no circle. */
export function circles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  const inOne = new Set<string>();
  for (const start of graph.keys()) {
    if (inOne.has(start)) continue;
    const circle = wayBack(graph, start);
    if (circle === undefined) continue;
    found.push(circle);
    for (const file of circle) inOne.add(file);
  }
  return found;
}

/** Breadth first: the shortest way from a file to itself. */
function wayBack(graph: ReadonlyMap<string, readonly string[]>, start: string): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) {
        const way = [start, file];
        for (let one = file; one !== start; way.push(one)) one = cameFrom.get(one) ?? start;
        return way.reverse();
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return undefined;
}

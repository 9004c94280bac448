import { readdirSync } from "node:fs";
import { join, sep } from "node:path";
import type { Suite } from "./suites";

const ROOT = join(__dirname, "..");

/** The test files in a folder itself, sorted, as paths from the root. */
export function testFiles(folder: string): readonly string[] {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".test.ts"));
  return names.sort().map((name) => `${folder}/${name}`);
}

/** The files that a suite leaves to the whole, sorted, as paths from the root. */
export function wholeOnlyFiles({ wholeOnly = [] }: Suite): readonly string[] {
  if (wholeOnly.length === 0) return [];
  const patterns = wholeOnly.map((pattern) => new RegExp(pattern));
  return readdirSync(join(ROOT, "tests"), { recursive: true, encoding: "utf8" })
    .map((name) => `tests/${name.split(sep).join("/")}`)
    .filter((path) => patterns.some((pattern) => pattern.test(path)))
    .sort();
}

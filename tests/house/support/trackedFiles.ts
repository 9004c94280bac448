import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./importGraph";

/** Every file of the repository, and what is about to be one: what git knows, and new files that it does not ignore. */
export function trackedFiles(): readonly string[] {
  const git = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (git.status !== 0) throw new Error(`git ls-files, by which the repository's files are known: ${git.stderr}`);
  const deleted = new Set(
    spawnSync("git", ["ls-files", "-z", "--deleted"], { cwd: ROOT, encoding: "utf8" }).stdout.split("\0"),
  );
  return [...new Set(git.stdout.split("\0"))].filter((file) => file !== "" && !deleted.has(file)).sort();
}

export const textOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");

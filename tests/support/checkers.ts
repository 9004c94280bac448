import { spawnSync } from "node:child_process";
import { checkerPath, type Checker } from "../../tools/checkers";

/** The checker's path; undefined, with one line that says why, where there is none. Nothing is fetched. */
export function findChecker(name: Checker): string | undefined {
  const path = checkerPath(name);
  if (path === undefined)
    process.stderr.write(`skipped: what ${name} checks: it is not here (npm run test:real -- checkers fetches it)\n`);
  return path;
}

/** What the checker said, and whether it agrees. */
export function check(binary: string, args: readonly string[]): { readonly ok: boolean; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(binary, [...args], { encoding: "utf8" });
  return { ok: status === 0, text: `${stdout}${stderr}` };
}

import { spawnSync } from "node:child_process";
import { ROOT } from "../../house/support/importGraph";

interface Tower {
  readonly floors: readonly (readonly string[])[];
  readonly sees: readonly string[];
}

/** The towers of tools/walls.mjs, each from its top floor down, as CONTRIBUTING.md draws them. */
export function drawnHouse(): string {
  const script = `import("./tools/walls.mjs").then(({ TOWERS }) => process.stdout.write(JSON.stringify(TOWERS)))`;
  const done = spawnSync(process.execPath, ["-e", script], { cwd: ROOT, encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  const towers = Object.entries(JSON.parse(done.stdout) as Record<string, Tower>);
  const width = Math.max(...towers.map(([name]) => name.length)) + 2;
  const lines = towers.flatMap(([name, { floors, sees }]) => [
    ...[...floors].reverse().map((rooms, floor) => (floor === 0 ? name : "").padEnd(width) + rooms.join("   ")),
    ...(sees.length === 0 ? [] : [" ".repeat(width) + `(sees ${sees.join(", ")})`]),
  ]);
  return `${lines.join("\n")}\n`;
}

import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");

test("docs/environment.md is what the schema says, and every optional key there says its default", () => {
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", "tools/docs.ts", "--check"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
}, 120_000);

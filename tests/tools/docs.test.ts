import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");

test("docs/environment.md is what the schema says, and every optional key there says its default", () => {
  // tests/picture/file.test.ts has that one, from the graph that the tests share.
  const command = ["--import", "tsx", "tools/docs.ts", "--check", "--without", "docs/picture.svg"];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: ROOT, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
}, 120_000);

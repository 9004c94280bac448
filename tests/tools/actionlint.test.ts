import { spawnSync } from "node:child_process";
import { join } from "node:path";

jest.setTimeout(600_000);

const ROOT = join(__dirname, "..", "..");
/** Its checksum is held against Go's own record of them. */
const ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";
const hasGo = spawnSync("go", ["version"], { stdio: "ignore" }).status === 0;

(hasGo ? test : test.skip)("actionlint finds nothing in the workflows, and would find what is wrong", () => {
  const run = (input: string | undefined, ...files: readonly string[]): ReturnType<typeof spawnSync> =>
    spawnSync("go", ["run", ACTIONLINT, "-no-color", "-shellcheck=", ...files], {
      cwd: ROOT,
      encoding: "utf8",
      ...(input === undefined ? {} : { input }),
    });
  const done = run(undefined);
  expect({ status: done.status, said: done.stdout }).toEqual({ status: 0, said: "" });
  const wrong = run(
    "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ nobody.x }}\n",
    "-",
  );
  expect(wrong.status).not.toBe(0);
  expect(wrong.stdout).toContain('undefined variable "nobody"');
});

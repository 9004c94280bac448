import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { runtime } from "@pulumi/pulumi";
import * as debuggable from "@pulumi/pulumi/runtime/debuggable";

/** How many lines the SDK notes of where a promise was made: the first one names no place. */
function linesOf(sdk: unknown): number {
  const promise = Promise.resolve() as Promise<void> & { readonly _debugStackTrace?: string };
  (sdk as { readonly debuggablePromise: (one: unknown, context: string) => void }).debuggablePromise(promise, "one");
  return (promise._debugStackTrace ?? "").split("\n").length;
}

test("in Jest the SDK takes no stack trace of a promise, and an error keeps its own", () => {
  expect(runtime.isDryRun).toBeDefined();
  expect(linesOf(debuggable)).toBe(1);
  expect(new Error("it").stack).toMatch(/\n +at /);
});

const ASKED = `
require("@standin/pulumi-engine/quickSdk");
const sdk = require("@pulumi/pulumi");
const debuggable = require("@pulumi/pulumi/runtime/debuggable");
const loaded = () => Object.keys(require.cache).some((file) => file.includes("localWorkspace"));
const [before, used, after] = [loaded(), typeof sdk.automation.LocalWorkspace, loaded()];
console.log(JSON.stringify({ before, used, after, lines: (${linesOf.toString()})(debuggable) }));
`;

test.each([
  ["", 1],
  ["1", 4],
])("the Automation API comes when it is used; traces with PULUMI_DEBUG_PROMISE_LEAKS=%p", (leaks, lines) => {
  const { PULUMI_DEBUG_PROMISE_LEAKS: _, ...env } = process.env;
  const done = spawnSync(process.execPath, ["--import", "tsx", "-e", ASKED], {
    cwd: join(__dirname, "..", "..", ".."),
    encoding: "utf8",
    env: { ...env, ...(leaks === "" ? {} : { PULUMI_DEBUG_PROMISE_LEAKS: leaks }) },
  });
  expect(done.stderr).toBe("");
  const said = JSON.parse(done.stdout) as { readonly lines: number };
  expect(said).toMatchObject({ before: false, used: "function", after: true });
  expect(Math.min(said.lines, 4)).toBe(lines);
});

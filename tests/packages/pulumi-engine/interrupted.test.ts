import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stateSummary } from "@standin/pulumi-engine";
import { errors, ops, Stand } from "./support/stand";
import type { Declared, Spec } from "./support/spec";

jest.setTimeout(180_000);

const OPEN: ChildProcess[] = [];
afterEach(() => {
  for (const child of OPEN.splice(0)) child.kill("SIGKILL");
});

function startEngine(
  stand: Stand,
  command: string,
  spec: Spec,
): { child: ChildProcess; exited: Promise<number | null>; output: () => string } {
  const task = JSON.stringify({ directory: stand.directory, command, spec });
  const child = spawn(
    process.execPath,
    ["--require", require.resolve("tsx/cjs"), join(__dirname, "support", "engineProcess.ts"), task],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  OPEN.push(child);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return { child, exited: new Promise((resolve) => child.once("close", resolve)), output: () => output };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain for: ${what}`);
    await sleep(20);
  }
}

/** Processes whose command line holds the text (Linux); the programs' pass the state's stack and monitor address. */
function programsOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      try {
        const stat = readFileSync(`/proc/${candidate}/stat`, "utf8");
        const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
        return parent === pid && readFileSync(`/proc/${candidate}/cmdline`, "utf8").includes("@pulumi/pulumi/cmd/run");
      } catch {
        return false;
      }
    });
}

const isAlive = (pid: number): boolean => {
  try {
    // A zombie is dead.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
};

const chain = (steering: { readonly [name: string]: Declared["inputs"] }): Spec => ({
  resources: [
    { name: "a", inputs: { value: "1", ...steering["a"] } },
    { name: "b", inputs: { value: { $ref: "a.id" }, ...steering["b"] } },
    { name: "c", inputs: { value: { $ref: "b.id" }, ...steering["c"] } },
    { name: "beside", inputs: { value: "x", ...steering["beside"] } },
  ],
});

describe("kill -9 of the engine", () => {
  let stand: Stand;
  beforeEach(() => {
    stand = new Stand();
  });
  afterEach(() => {
    stand.dispose();
  });

  async function killAt(marker: string, command: string, spec: Spec): Promise<void> {
    const { child, exited } = startEngine(stand, command, spec);
    await until(`the marker ${marker}`, () => existsSync(join(stand.directory, marker)));
    // Others that were under way come to their end, so that what is in the cloud is settled.
    await sleep(300);
    const programs = process.platform === "linux" ? programsOf(child.pid ?? 0) : [];
    if (process.platform === "linux" && command !== "destroy") expect(programs).toHaveLength(1);
    child.kill("SIGKILL");
    await exited;
    await until("the end of the program's process", () => !programs.some(isAlive));
  }

  async function completes(spec: Spec): Promise<void> {
    const result = await stand.run("up", spec);
    expect(errors(result)).toBe("");
    expect(result.diagnostics.map((d) => d.message).join()).toContain("took over the lock of process");
    expect(stand.cloud.names()).toEqual(["a", "b", "beside", "c"]);
    const ids = stand.cloud
      .things()
      .map((t) => t.id)
      .sort();
    expect(
      stateSummary(stand.stateFile)
        ?.resources.filter((r) => r.type.startsWith("fake:"))
        .map((r) => r.id)
        .sort(),
    ).toEqual(ids);
    expect(stateSummary(stand.stateFile)?.pending).toEqual([]);
    const again = await stand.run("up", spec);
    expect(again.summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
  }

  test.each([
    ["before a create reaches the cloud", { b: { hangBefore: true } }, "hung-b"],
    ["after a create has reached the cloud", { b: { hangAfter: true } }, "hung-b"],
    [
      "after two creates at once have reached the cloud",
      { a: { hangAfter: true }, beside: { hangAfter: true } },
      "hung-beside",
    ],
  ])("%s: up again completes, nothing twice, nothing lost", async (_where, steering, marker) => {
    const spec = chain(steering);
    await killAt(marker, "up", spec);
    expect(stateSummary(stand.stateFile)?.pending.map((p) => p.kind)).toContain("create");
    await completes(spec);
  });

  test.each(["hangBefore", "hangAfter"])(
    "in an update (%s): up again completes, also back to what was",
    async (hang) => {
      const before = chain({});
      await stand.run("up", before);
      await killAt("hung-a", "up", chain({ a: { value: "2", [hang]: true } }));
      const preview = await stand.run("preview", before);
      expect(preview.diagnostics.map((d) => d.message).join()).toContain("cut off in the middle of: update of");
      await completes(before);
      expect(stand.cloud.things().find((t) => t.urn.endsWith("::a"))?.inputs).toEqual({ value: "1" });
    },
  );

  test.each(["before", "after"])(
    "in a delete (%s): destroy again leaves nothing; put back, it exists again",
    async (hangDelete) => {
      const spec = chain({ c: { hangDelete } });
      await stand.run("up", spec);
      await killAt("hung-c", "destroy", spec);
      await completes(spec);
      const destroyed = await stand.run("destroy", spec);
      expect(errors(destroyed)).toBe("");
      expect(stand.cloud.things()).toEqual([]);
    },
  );

  test("in a replacement, after the new one exists: the old one is still deleted", async () => {
    await stand.run("up", chain({ a: { immutable: "1" } }));
    const spec = chain({ a: { immutable: "2", hangAfter: true } });
    await killAt("hung-a", "up", spec);
    expect(stand.cloud.names()).toEqual(["a", "a", "b", "beside", "c"]);
    await completes(spec);
  });
});

describe("Ctrl-C", () => {
  let stand: Stand;
  beforeEach(() => {
    stand = new Stand();
  });
  afterEach(() => {
    stand.dispose();
  });

  test("begins nothing new, waits for what runs, keeps it in the state", async () => {
    const spec = chain({ a: { delayMs: 1500 } });
    const { child, exited, output } = startEngine(stand, "up", spec);
    await until("the create of a", () =>
      stand.cloud.calls().some((c) => c.phase === "begin" && c.name === "a" && c.preview !== true),
    );
    child.kill("SIGINT");
    await exited;
    expect(stand.cloud.names().filter((n) => n !== "beside")).toEqual(["a"]);
    expect(output()).toContain('"ok":false');
    expect(output()).toContain("stopping: nothing new begins");
    expect(stateSummary(stand.stateFile)?.pending).toEqual([]);
    expect(stateSummary(stand.stateFile)?.lockedBy).toBeUndefined();
    const result = await stand.run("up", spec);
    expect(ops(result)).toMatch(/a:same b:create .*c:create/);
  });

  test("twice: tells what runs to give up; the next run finds out what became of it", async () => {
    const spec = chain({ a: { hangAfter: true } });
    const { child, exited, output } = startEngine(stand, "up", spec);
    await until("the create of a", () => existsSync(join(stand.directory, "hung-a")));
    child.kill("SIGINT");
    await until("the first one's answer", () => output().includes("stopping: nothing new begins"));
    child.kill("SIGINT");
    await exited;
    expect(stateSummary(stand.stateFile)?.pending.map((p) => p.kind)).toEqual(["create"]);
    const result = await stand.run("up", spec);
    expect(errors(result)).toBe("");
    expect(stand.cloud.names()).toEqual(["a", "b", "beside", "c"]);
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { byName, errors, ops, Stand } from "./support/stand";
import type { Declared } from "./support/spec";

jest.setTimeout(120_000);

describe("failures", () => {
  let stand: Stand;
  beforeEach(() => {
    stand = new Stand();
  });
  afterEach(() => {
    stand.dispose();
  });

  const declare = (fail: boolean): Declared[] => [
    { name: "broken", inputs: { ...(fail ? { failCreate: "no room" } : {}), value: "v" } },
    { name: "needsBroken", inputs: { value: { $ref: "broken.id" } } },
    { name: "independent", inputs: { delayMs: 300 } },
    { name: "needsIndependent", inputs: { value: { $ref: "independent.id" } } },
    { name: "half", inputs: fail ? { failPartial: "not ready" } : {} },
  ];

  test("an error ends the run: what has begun ends and is kept, nothing new begins; the next run completes", async () => {
    const first = await stand.run("up", declare(true));
    expect(first.ok).toBe(false);
    expect(errors(first)).toContain("cannot create: no room");
    expect(stand.cloud.names()).not.toContain("needsIndependent");
    // It was under way when the other failed.
    expect(stand.cloud.names()).toContain("independent");
    const second = await stand.run("up", declare(false));
    expect(errors(second)).toBe("");
    expect(ops(second)).toMatch(/^broken:create half:\w+ independent:same needsBroken:create needsIndependent:create$/);
    expect(ops(await stand.run("up", declare(false)))).not.toMatch(/create|update/);
  });

  test("an error ends a destroy as well, unless it is told to go on", async () => {
    const base: Declared[] = [
      { name: "root" },
      { name: "middle", inputs: { of: { $ref: "root.id" } } },
      { name: "leaf", inputs: { delayMs: 300, of: { $ref: "middle.id" } } },
      { name: "bad", inputs: { failDelete: "in use" } },
    ];
    await stand.run("up", base);
    const first = await stand.run("destroy", []);
    expect(first.ok).toBe(false);
    expect(stand.cloud.names()).toEqual(["bad", "middle", "root"]);
    expect(byName(first, "middle").status).toBe("skipped");
    const second = await stand.run("destroy", [], { continueOnError: true });
    expect(second.ok).toBe(false);
    expect(stand.cloud.names()).toEqual(["bad"]);
  });

  test("told to go on: what needs the failed is left out, the rest is done and kept; the next run completes", async () => {
    const first = await stand.run("up", declare(true), { continueOnError: true });
    expect(first.ok).toBe(false);
    expect(stand.cloud.names()).toEqual(["half", "independent", "needsIndependent"]);
    expect(errors(first)).toContain("cannot create: no room");
    expect(errors(first)).toContain("half done: not ready");
    // One line for each failure, none for what only follows from it.
    expect(errors(first).split("\n")).toHaveLength(2);
    expect(byName(first, "broken").status).toBe("failed");
    expect(stand.events.filter((e) => e.kind === "step-failed")).toHaveLength(2);
    const second = await stand.run("up", declare(false));
    expect(errors(second)).toBe("");
    expect(ops(second)).toBe("broken:create half:update independent:same needsBroken:create needsIndependent:same");
    expect(stand.cloud.names()).toEqual(["broken", "half", "independent", "needsBroken", "needsIndependent"]);
  });

  test("a failed update leaves the state as it was: back at what was, nothing is done, whatever had been done", async () => {
    await stand.run("up", [{ name: "a", inputs: { value: "1" } }]);
    const failed = await stand.run("up", [{ name: "a", inputs: { value: "2", failUpdate: "later" } }]);
    expect(failed.ok).toBe(false);
    expect(ops(await stand.run("up", [{ name: "a", inputs: { value: "2" } }]))).toBe("a:update");
    const half = await stand.run("up", [{ name: "a", inputs: { value: "3", failPartial: "not ready" } }]);
    expect(errors(half)).toBe("half done: not ready");
    // What the provider says is half done, is updated again, also without a difference.
    const back = await stand.run("up", [{ name: "a", inputs: { value: "3" } }]);
    expect(ops(back)).toBe("a:update");
    const again = await stand.run("up", [{ name: "a", inputs: { value: "3" } }]);
    expect(ops(again)).toBe("a:same");
  });

  test("after a failure nothing is deleted; a failed delete keeps what it depends on", async () => {
    const base: Declared[] = [
      { name: "root" },
      { name: "leaf", inputs: { failDelete: "in use", of: { $ref: "root.id" } } },
      { name: "other" },
    ];
    await stand.run("up", base);
    const failed = await stand.run("up", [{ name: "bad", inputs: { failCreate: "no" } }]);
    expect(failed.ok).toBe(false);
    expect(stand.cloud.changes()).toEqual([]);
    const thrown = await stand.run("up", { resources: [], throws: "the program is broken" });
    expect(thrown.ok).toBe(false);
    expect(errors(thrown)).toContain("the program is broken");
    // The line of the TypeScript source.
    const source = join(__dirname, "programs", "declared", "index.ts");
    const line =
      readFileSync(source, "utf8")
        .split("\n")
        .findIndex((l) => l.includes("new Error(spec.throws)")) + 1;
    expect(errors(thrown)).toContain(`${source}:${line}:`);
    expect(stand.cloud.changes()).toEqual([]);
    const destroyed = await stand.run("destroy", []);
    expect(destroyed.ok).toBe(false);
    expect(errors(destroyed)).toBe("cannot delete: in use");
    expect(stand.cloud.names()).toEqual(["leaf", "root"]);
    expect(byName(destroyed, "root").status).toBe("skipped");
  });

  test("all mistakes of one resource at once; unknown packages, duplicates, foreign types, bad provider configuration", async () => {
    const result = await stand.run("preview", [
      { name: "wrong", inputs: { bad: "x", worse: "y" } },
      { name: "twice" },
      { name: "twice" },
      { name: "alien", kind: "aws:s3/bucket:Bucket" },
      { name: "stack", kind: "pulumi:pulumi:StackReference" },
      { name: "maker", kind: "provider", inputs: { refuse: "no such region" } },
      { name: "made", options: { provider: "maker" } },
    ]);
    expect(result.ok).toBe(false);
    expect(errors(result)).toContain('fake:index:Thing "wrong": bad: "x" is not allowed; worse: "y" is not allowed');
    expect(errors(result)).toContain('two resources are called "twice"');
    expect(errors(result)).toContain('no provider for the package "aws"');
    expect(errors(result)).toContain("pulumi:pulumi:StackReference is not part of the embedded engine");
    expect(errors(result)).toContain("configuration refused: no such region");
  });

  test("a program that cannot be loaded, a project that is none", async () => {
    await expect(stand.runWith("up", { projectDir: stand.directory })).rejects.toThrow(
      /Pulumi\.yaml: there is no such file/,
    );
    const result = await stand.runWith("up", { config: {} });
    expect(result.ok).toBe(false);
    expect(errors(result)).toContain("Missing required configuration variable 'declared:spec'");
    await expect(stand.runWith("up", { parallel: 0 })).rejects.toThrow(/parallel: 0/);
    await expect(stand.runWith("up", { stack: "a b" })).rejects.toThrow(/no stack name/);
  });

  test("targets: others are left alone; a destroy must name dependents too", async () => {
    await stand.run("up", [
      { name: "a", inputs: { value: "1" } },
      { name: "b", inputs: { value: { $ref: "a.id" } } },
      { name: "gone" },
    ]);
    const targets = ["*::a", "*::new"];
    const result = await stand.run(
      "up",
      [
        { name: "a", inputs: { value: "2" } },
        { name: "b", inputs: { value: "2" } },
        { name: "new" },
        { name: "other" },
      ],
      { targets },
    );
    expect(errors(result)).toBe("");
    expect(stand.cloud.changes().sort()).toEqual(["create new", "update a"]);
    const refused = await stand.run("destroy", [], { targets });
    expect(errors(refused)).toMatch(/depend on the targets.*::b/);
    const done = await stand.run("destroy", [], { targets: ["*::a", "*::b"] });
    expect(errors(done)).toBe("");
    expect(stand.cloud.names()).toEqual(["gone", "new"]);
  });

  test("refresh brings the state to what is there", async () => {
    const spec: Declared[] = [{ name: "a", inputs: { value: "1" } }, { name: "b" }, { name: "c" }];
    await stand.run("up", spec);
    stand.cloud.write(
      stand.cloud
        .things()
        .filter((t) => !t.urn.endsWith("::b"))
        .map((t) => (t.urn.endsWith("::a") ? { ...t, inputs: { value: "by hand" } } : t)),
    );
    const refreshed = await stand.run("refresh", spec);
    expect(ops(refreshed)).toBe("a:update b:delete c:same");
    const repaired = await stand.run("up", spec);
    expect(ops(repaired)).toBe("a:update b:create c:same");
    expect(byName(repaired, "a").diff).toEqual([{ path: "value", before: "by hand", after: "1" }]);
  });
});

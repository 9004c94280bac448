import { join } from "node:path";
import type { EngineOptions, EngineResult } from "@standin/pulumi-engine";
import { byName, errors, ops, Stand } from "./support/stand";

jest.setTimeout(120_000);

describe("features of the SDK", () => {
  let stand: Stand;
  beforeEach(() => {
    stand = new Stand();
  });
  afterEach(() => {
    stand.dispose();
  });
  const run = (
    command: EngineOptions["command"],
    part: string,
    more: Partial<EngineOptions> = {},
  ): Promise<EngineResult> =>
    stand.runWith(command, {
      projectDir: join(__dirname, "programs", "features"),
      ...more,
      config: { "features:part": part, ...more.config },
    });
  const configurations = (): unknown[] =>
    stand.cloud
      .calls()
      .filter((c) => c.method === "configure")
      .map((c) => c.detail);

  test("explicit providers, also configured by outputs; components, their outputs and dependsOn", async () => {
    const first = await run("preview", "provider");
    expect(errors(first)).toBe("");
    expect(ops(first)).toBe("after:create pair-left:create pair-right:create region:create");
    const up = await run("up", "provider");
    expect(errors(up)).toBe("");
    expect(up.outputs).toEqual({ both: "computed-l+computed-computed-l", depends: "computed-x" });
    expect(configurations()).toEqual([{}, { region: "computed-here", token: "maker-token" }]);
    expect(byName(up, "maker").inputs).toEqual({ region: "computed-here", token: "[secret]" });
    expect(byName(up, "pair-left").parent).toBe(byName(up, "pair").urn);
    expect(byName(up, "pair-left").urn).toContain("test:index:Pair$fake:index:Thing::pair-left");
    expect(byName(up, "after").dependencies).toEqual(
      expect.arrayContaining([byName(up, "pair-left").urn, byName(up, "pair-right").urn]),
    );
    const changed = await run("up", "provider", { config: { "features:region": "there" } });
    expect(errors(changed)).toBe("");
    expect(byName(changed, "maker").diff).toEqual([
      { path: "region", before: "computed-here", after: "computed-there" },
    ]);
    expect(ops(changed)).toBe("after:same pair-left:same pair-right:same region:update");
    const destroyed = await run("destroy", "provider");
    expect(errors(destroyed)).toBe("");
    // From the state, without the program.
    expect(configurations()).toContainEqual({ region: "computed-there", token: "maker-token" });
    expect(stand.cloud.changes().at(-1)).toBe("delete region");
    expect(stand.cloud.things()).toEqual([]);
  });

  test("transforms of a resource and of the stack", async () => {
    const result = await run("up", "transforms");
    expect(errors(result)).toBe("");
    expect(result.outputs).toEqual({
      own: "computed-by its own",
      stack: "computed-by the stack",
      not: "computed-original",
    });
  });

  test("hooks run around the step, in the program, and what comes next waits for them", async () => {
    const said = (result: EngineResult): string[] =>
      result.diagnostics.filter(({ message }) => /^(before|after)/.test(message)).map(({ message }) => message);
    const first = await run("up", "hooks");
    expect(errors(first)).toBe("");
    expect(said(first)).toEqual([
      "beforeCreate hooked without id: - first - -",
      "afterCreate hooked with id: - first - first",
    ]);
    expect(said(await run("up", "hooks"))).toEqual([]);
    const second = { config: { "features:value": "second" } };
    // In a preview those that ask for it.
    expect(said(await run("preview", "hooks", second))).toEqual(["beforeUpdate hooked with id: first second first -"]);
    // One that fails before the step: nothing was done, and nothing begins.
    const refused = await run("up", "hooks", { config: { ...second.config, "features:failing": "beforeUpdate" } });
    expect(errors(refused)).toContain('hook "beforeUpdate" failed: hooked is not let through');
    expect(ops(refused)).toBe("hooked:update(failed)");
    expect(stand.cloud.changes()).toEqual([]);
    // One that fails after it: it is done, said, and what comes next begins.
    const late = await run("up", "hooks", { config: { ...second.config, "features:failing": "afterUpdate" } });
    expect(errors(late)).toBe("");
    expect(late.diagnostics).toContainEqual(
      expect.objectContaining({
        severity: "warning",
        message: 'hook "afterUpdate" failed: hooked is not let through',
      }),
    );
    expect(stand.cloud.changes()).toEqual(["update hooked", "update next"]);
    expect(said(late)).toEqual([
      "beforeUpdate hooked with id: first second first -",
      "afterUpdate hooked with id: first second first second",
    ]);
  });

  test("functions of providers; what depends on them is secret when their question was", async () => {
    const preview = await run("preview", "invoke");
    expect(errors(preview)).toBe("");
    const result = await run("up", "invoke");
    expect(errors(result)).toBe("");
    expect(result.outputs).toEqual({
      plain: { answer: "invoked with plain" },
      output: { answer: "invoked with computed-unknown in a preview" },
      hidden: "[secret]",
    });
  });

  test.each([
    ["asset", /file: an asset or archive/],
    ["deletionHooks", /hooks of deletions \("hooked"\) are not part of the embedded engine/],
    ["errorHooks", /error hooks are not part of the embedded engine/],
    ["call", /fake:index:Thing\/method: methods of provider resources are not part/],
  ])("%s is refused by name", async (part, message) => {
    const result = await run("preview", part);
    expect(result.ok).toBe(false);
    expect(errors(result)).toMatch(message);
  });

  test("the program sees project, stack, arguments and environment; what it prints is passed on", async () => {
    const more = { programArgs: ["--flag", "x"], env: { EXTRA: "extra" } };
    expect((await run("preview", "prints", more)).outputs["where"]).toBe("features/dev/preview/--flag+x/extra");
    const up = await run("up", "prints", more);
    expect(up.outputs["where"]).toBe("features/dev/up/--flag+x/extra");
    expect(up.diagnostics).toEqual(
      expect.arrayContaining([
        { severity: "info", message: "printed" },
        { severity: "warning", message: "careful" },
      ]),
    );
    expect(stand.events.at(-1)).toMatchObject({ kind: "summary", ok: true, summary: up.summary });
  });
});

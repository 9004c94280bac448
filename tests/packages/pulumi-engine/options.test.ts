import type { EngineResult } from "@standin/pulumi-engine";
import { byName, errors, ops, Stand } from "./support/stand";
import type { Declared } from "./support/spec";

jest.setTimeout(120_000);

/** Two runs of two programs, and what the second did; each pair of lines below shows an option with and without effect. */
async function change(
  stand: Stand,
  before: readonly Declared[],
  after: readonly Declared[],
): Promise<{ preview: EngineResult; up: EngineResult; changes: string[] }> {
  const first = await stand.run("up", before);
  expect(errors(first)).toBe("");
  const preview = await stand.run("preview", after);
  expect(stand.cloud.changes()).toEqual([]);
  const up = await stand.run("up", after);
  return { preview, up, changes: stand.cloud.changes() };
}

describe("resource options", () => {
  let stand: Stand;
  beforeEach(() => {
    stand = new Stand();
  });
  afterEach(() => {
    stand.dispose();
  });

  test("ignoreChanges, replaceOnChanges, triggers, form-only differences", async () => {
    const declare = (v: string, list: string[]): Declared[] => [
      {
        name: "ignoring",
        inputs: { value: v, map: { x: v, y: "same" }, list: list.map((e) => ({ e, v })) },
        options: { ignoreChanges: ["value", "map.x", "list[*].v"] },
      },
      { name: "noticing", inputs: { value: v, map: { x: v } }, options: { ignoreChanges: ["other"] } },
      { name: "replacing", inputs: { value: v }, options: { replaceOnChanges: ["value"] } },
      { name: "updating", inputs: { value: v }, options: { replaceOnChanges: ["map"] } },
      { name: "triggered", options: { replacementTrigger: v } },
      { name: "untriggered", options: { replacementTrigger: "constant" } },
      { name: "following", options: { replaceWith: ["replacing"] } },
      { name: "unfollowing", options: { replaceWith: ["updating"] } },
      { name: "cosmetic", inputs: { cosmetic: v } },
      { name: "automatic", inputs: { autoName: true, value: "constant" } },
    ];
    const { preview, up, changes } = await change(stand, declare("1", ["a"]), declare("2", ["a"]));
    expect(errors(up)).toBe("");
    expect(ops(up)).toBe(
      "automatic:same cosmetic:same following:replace ignoring:same noticing:update replacing:replace triggered:replace unfollowing:same untriggered:same updating:update",
    );
    expect(ops(preview)).toBe(ops(up));
    expect(byName(up, "noticing").diff).toEqual([
      { path: "map.x", before: "1", after: "2" },
      { path: "value", before: "1", after: "2" },
    ]);
    expect(byName(up, "replacing").replaceKeys).toEqual(["value"]);
    expect(byName(up, "triggered").replaceKeys).toEqual(["replacementTrigger"]);
    expect(changes.slice().sort()).toEqual(
      [
        "create replacing",
        "create triggered",
        "create following",
        "delete replacing",
        "delete triggered",
        "delete following",
        "update noticing",
        "update updating",
      ].sort(),
    );
  });

  test("replacement: create first by default, delete first on demand, dependents follow", async () => {
    const declare = (v: string): Declared[] => [
      { name: "cbd", inputs: { immutable: v } },
      { name: "cbdUser", inputs: { value: { $ref: "cbd.id" } } },
      { name: "dbr", inputs: { immutable: v }, options: { deleteBeforeReplace: true } },
      { name: "dbrReplaced", inputs: { immutable: { $ref: "dbr.id" } } },
      { name: "dbrUpdated", inputs: { value: { $ref: "dbr.id" } } },
      { name: "dbrBystander", options: { dependsOn: ["dbr"] } },
      { name: "exclusive", inputs: { exclusive: v } },
      { name: "overruled", inputs: { exclusive: v }, options: { deleteBeforeReplace: false } },
    ];
    const { preview, up, changes } = await change(stand, declare("1"), declare("2"));
    expect(errors(up)).toBe("");
    const expected =
      "cbd:replace cbdUser:update dbr:replace dbrBystander:same dbrReplaced:replace dbrUpdated:update exclusive:replace overruled:replace";
    expect(ops(preview)).toBe(expected);
    expect(ops(up)).toBe(expected);
    expect(byName(preview, "cbdUser").diff).toEqual([
      { path: "value", before: expect.stringMatching(/^id-cbd-/) as string, after: "[unknown]" },
    ]);
    const at = (change: string): number => {
      expect(changes.filter((c) => c === change)).toEqual([change]);
      return changes.indexOf(change);
    };
    expect(at("create cbd")).toBeLessThan(at("delete cbd"));
    expect(at("create overruled")).toBeLessThan(at("delete overruled"));
    expect(at("delete exclusive")).toBeLessThan(at("create exclusive"));
    expect([at("delete dbrReplaced"), at("delete dbr"), at("create dbr"), at("create dbrReplaced")]).toEqual(
      [at("delete dbrReplaced"), at("delete dbr"), at("create dbr"), at("create dbrReplaced")].sort((a, b) => a - b),
    );
    expect(changes).not.toContain("delete dbrUpdated");
    expect(changes).not.toContain("delete dbrBystander");
    expect(up.summary).toEqual({ create: 0, update: 2, replace: 5, delete: 0, same: 2 });
    const again = await stand.run("up", declare("2"));
    expect(again.summary).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: 9 });
    expect(stand.cloud.names()).toHaveLength(8);
  });

  test("removal: retainOnDelete, deletedWith, order of deletion", async () => {
    const { up, changes } = await change(
      stand,
      [
        { name: "kept", options: { retainOnDelete: true } },
        { name: "server" },
        { name: "part", options: { deletedWith: "server" } },
        { name: "partOfNothing", inputs: { value: { $ref: "server.id" } } },
        { name: "stays" },
        { name: "partOfStaying", options: { deletedWith: "stays" } },
      ],
      [{ name: "stays" }],
    );
    expect(errors(up)).toBe("");
    expect(changes.slice().sort()).toEqual(["delete partOfNothing", "delete partOfStaying", "delete server"]);
    expect(changes.indexOf("delete partOfNothing")).toBeLessThan(changes.indexOf("delete server"));
    expect(stand.cloud.names()).toEqual(["kept", "part", "stays"]);
    expect(ops(up)).toBe("kept:delete part:delete partOfNothing:delete partOfStaying:delete server:delete stays:same");
  });

  test("aliases: by name, by URN, by type, through the parent; without one it is another resource", async () => {
    const old = "urn:pulumi:dev::declared::fake:index:Thing::oldUrn";
    const { preview, up, changes } = await change(
      stand,
      [
        { name: "oldName" },
        { name: "oldUrn" },
        { name: "typed", kind: "fake:index:Old" },
        { name: "group", kind: "component" },
        { name: "group-child", options: { parent: "group" } },
        { name: "unnamed" },
        { name: "user", options: { dependsOn: ["oldName"] } },
      ],
      [
        { name: "newName", options: { aliases: [{ name: "oldName" }] } },
        { name: "newUrn", options: { aliases: [old] } },
        { name: "typed", options: { aliases: [{ type: "fake:index:Old" }] } },
        { name: "renamed", kind: "component", options: { aliases: [{ name: "group" }] } },
        { name: "renamed-child", options: { parent: "renamed" } },
        { name: "anonymous" },
        { name: "user", options: { dependsOn: ["newName"] } },
      ],
    );
    expect(errors(up)).toBe("");
    const expected = "anonymous:create newName:same newUrn:same renamed-child:same typed:same unnamed:delete user:same";
    expect(ops(preview)).toBe(expected);
    expect(ops(up)).toBe(expected);
    expect(changes).toEqual(["create anonymous", "delete unnamed"]);
  });

  test("import adopts and then updates; a wrong id is refused; get only reads", async () => {
    const urn = "elsewhere";
    stand.cloud.write([
      { id: "web-1", type: "fake:index:Thing", urn, inputs: { value: "found" } },
      { id: "web-2", type: "fake:index:Thing", urn, inputs: { value: "found" } },
      { id: "net-1", type: "fake:index:Thing", urn, inputs: { value: "shared" } },
    ]);
    const spec = {
      resources: [
        { name: "adopted", inputs: { value: "wanted" }, options: { import: "web-1" } },
        { name: "fitting", inputs: { value: "found" }, options: { import: "web-2" } },
        { name: "looked", options: { id: "net-1" } },
        { name: "user", inputs: { value: { $ref: "looked.computed" } } },
      ],
    };
    const preview = await stand.run("preview", spec);
    expect(errors(preview)).toBe("");
    expect(ops(preview)).toBe("adopted:import fitting:import looked:read user:create");
    expect(byName(preview, "adopted").diff).toEqual([{ path: "value", before: "found", after: "wanted" }]);
    const up = await stand.run("up", spec);
    expect(errors(up)).toBe("");
    expect(stand.cloud.changes().sort()).toEqual(["create user", "update adopted"]);
    expect(byName(up, "user").inputs).toEqual({ value: "computed-shared" });
    const again = await stand.run("up", spec);
    expect(ops(again)).toBe("adopted:same fitting:same looked:read user:same");
    const missing = await stand.run("up", {
      resources: [...spec.resources, { name: "ghost", options: { import: "none" } }],
    });
    expect(missing.ok).toBe(false);
    expect(errors(missing)).toContain('there is no fake:index:Thing with the id "none"');
    const destroyed = await stand.run("destroy", spec);
    expect(errors(destroyed)).toBe("");
    // What was only read is not ours to delete.
    expect(stand.cloud.things().map((t) => t.id)).toEqual(["net-1"]);
  });

  test("customTimeouts reach the provider; nonsense is refused", async () => {
    await stand.run("up", [
      { name: "slow", options: { customTimeouts: { create: "1h30m", update: "90s" } } },
      { name: "usual" },
    ]);
    const detail = (name: string): unknown =>
      stand.cloud.calls().find((c) => c.name === name && c.method === "create")?.detail;
    expect(detail("slow")).toEqual({ timeoutSeconds: 5400 });
    expect(detail("usual")).toEqual({});
    const bad = await stand.run("up", [{ name: "slow", options: { customTimeouts: { create: "soon" } } }]);
    expect(errors(bad)).toContain('customTimeouts.create: "soon" is no duration');
  });
});

import { byName, errors, Stand } from "./support/stand";
import type { Declared } from "./support/spec";

jest.setTimeout(120_000);

describe("protected resources", () => {
  const stand = new Stand();
  afterAll(() => {
    stand.dispose();
  });
  const declare = (v: string, protect: boolean): Declared[] => [
    { name: "data", inputs: { immutable: v, value: v }, options: { protect } },
    { name: "disk", inputs: { immutable: v }, options: { protect } },
    { name: "group", kind: "component", options: { protect } },
    { name: "inherited", options: { parent: "group" } },
    { name: "free", inputs: { value: v } },
  ];

  test("every replacement and deletion of one is refused, all at once, before anything happens", async () => {
    expect((await stand.run("up", declare("1", true))).ok).toBe(true);
    const after = declare("2", true).filter((d) => d.name !== "inherited");
    for (const command of ["preview", "up"] as const) {
      const result = await stand.run(command, after);
      expect(result.ok).toBe(false);
      expect(errors(result).split("\n")).toHaveLength(3);
      for (const name of ["data", "disk", "inherited"])
        expect(errors(result)).toMatch(new RegExp(`::${name} is protected`));
      expect(byName(result, "data").status).toBe("failed");
      expect(stand.cloud.changes()).toEqual([]);
    }
    const destroyed = await stand.run("destroy", []);
    expect(destroyed.ok).toBe(false);
    // The protected component, too.
    expect(errors(destroyed).split("\n")).toHaveLength(4);
    expect(stand.cloud.names()).toHaveLength(4);
  });

  test("an update of one is allowed, and so is everything once protection is off", async () => {
    const updated = declare("1", true).map((d) =>
      d.name === "data" ? { ...d, inputs: { immutable: "1", value: "new" } } : d,
    );
    const result = await stand.run("up", updated);
    expect(errors(result)).toBe("");
    expect(byName(result, "data").op).toBe("update");
    expect((await stand.run("up", declare("1", false))).ok).toBe(true);
    const replaced = await stand.run("up", declare("2", false));
    expect(byName(replaced, "data").op).toBe("replace");
  });

  test("destroy deletes protected resources with explicit consent only", async () => {
    expect((await stand.run("up", declare("2", true))).ok).toBe(true);
    expect((await stand.run("destroy", [])).ok).toBe(false);
    const result = await stand.run("destroy", [], { removeProtected: true });
    expect(errors(result)).toBe("");
    expect(stand.cloud.things()).toEqual([]);
  });
});

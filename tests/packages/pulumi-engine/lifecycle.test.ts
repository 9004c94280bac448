import { byName, errors, ops, Stand } from "./support/stand";

jest.setTimeout(60_000);

describe("the life of a stack", () => {
  const stand = new Stand();
  afterAll(() => {
    stand.dispose();
  });
  const spec = (value: string) => ({
    resources: [
      { name: "a", inputs: { value } },
      { name: "b", inputs: { value: { $ref: "a.computed" }, of: { $ref: "a.id" } } },
    ],
    outputs: { answer: { $ref: "b.computed" } },
  });

  test("preview of nothing yet: everything would be created, nothing is", async () => {
    const result = await stand.run("preview", spec("one"));
    expect(errors(result)).toBe("");
    expect(result.ok).toBe(true);
    expect(ops(result)).toBe("a:create b:create");
    expect(byName(result, "b").inputs).toEqual({ value: "computed-one", of: "[unknown]" });
    expect(stand.cloud.things()).toEqual([]);
    expect(result.outputs).toEqual({ answer: "computed-computed-one" });
  });

  test("up creates in the order of dependencies", async () => {
    const result = await stand.run("up", spec("one"));
    expect(errors(result)).toBe("");
    expect(stand.cloud.changes()).toEqual(["create a", "create b"]);
    expect(result.summary).toEqual({ create: 3, update: 0, replace: 0, delete: 0, same: 0 });
    expect(result.outputs).toEqual({ answer: "computed-computed-one" });
  });

  test("up again changes nothing", async () => {
    const result = await stand.run("up", spec("one"));
    expect(errors(result)).toBe("");
    expect(result.summary).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: 3 });
    expect(stand.cloud.changes()).toEqual([]);
  });

  test("a change is shown field by field, then made", async () => {
    const preview = await stand.run("preview", spec("two"));
    expect(preview.summary).toEqual({ create: 0, update: 2, replace: 0, delete: 0, same: 1 });
    expect(byName(preview, "a").diff).toEqual([{ path: "value", before: "one", after: "two" }]);
    expect(stand.cloud.changes()).toEqual([]);
    const result = await stand.run("up", spec("two"));
    expect(stand.cloud.changes()).toEqual(["update a", "update b"]);
    expect(byName(result, "b").diff).toEqual([{ path: "value", before: "computed-one", after: "computed-two" }]);
  });

  test("destroy deletes dependents first and leaves nothing", async () => {
    const result = await stand.run("destroy", spec("two"));
    expect(errors(result)).toBe("");
    expect(stand.cloud.changes()).toEqual(["delete b", "delete a"]);
    expect(result.summary).toEqual({ create: 0, update: 0, replace: 0, delete: 3, same: 0 });
    expect(stand.cloud.things()).toEqual([]);
  });
});

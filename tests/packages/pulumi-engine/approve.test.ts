import type { ResourceResult } from "@standin/pulumi-engine";
import { errors, Stand } from "./support/stand";
import type { Declared } from "./support/spec";

jest.setTimeout(120_000);

describe("whoever approves what is planned", () => {
  const stand = new Stand();
  afterAll(() => {
    stand.dispose();
  });
  const resources: readonly Declared[] = [
    { name: "network", inputs: { value: "1" } },
    { name: "server", inputs: { value: "2" } },
  ];
  const asked: (readonly ResourceResult[])[] = [];
  const refuse = (planned: readonly ResourceResult[]): readonly string[] => {
    asked.push(planned);
    return ["no", "never"];
  };
  const approve = (planned: readonly ResourceResult[]): readonly string[] => {
    asked.push(planned);
    return [];
  };
  beforeEach(() => asked.splice(0));

  test("an up that is refused does nothing, and says why", async () => {
    const result = await stand.run("up", resources, { approve: refuse });
    expect(result.ok).toBe(false);
    expect(errors(result).split("\n")).toEqual(["no", "never"]);
    expect(result.resources).toEqual([]);
    expect(result.summary).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: 0 });
    expect(stand.cloud.changes()).toEqual([]);
    // It was shown everything, with the inputs.
    expect(asked.flat().map(({ name, inputs }) => [name, inputs["value"]])).toEqual(
      expect.arrayContaining([
        ["network", "1"],
        ["server", "2"],
      ]),
    );
  });

  test("a preview that is refused still shows its plan", async () => {
    const result = await stand.run("preview", resources, { approve: refuse });
    expect(result.ok).toBe(false);
    expect(errors(result)).toContain("never");
    expect(result.resources.map(({ name }) => name)).toEqual(expect.arrayContaining(["network", "server"]));
  });

  test("approved: asked once, and then done", async () => {
    const result = await stand.run("up", resources, { approve });
    expect(errors(result)).toBe("");
    expect(asked).toHaveLength(1);
    expect(stand.cloud.names()).toEqual(expect.arrayContaining(["network", "server"]));
  });

  test("a part of the whole cannot be judged: with targets nobody is asked", async () => {
    const targets = (await stand.run("preview", resources)).resources
      .filter(({ name }) => name === "network")
      .map(({ urn }) => urn);
    const result = await stand.run("up", resources, { approve: refuse, targets });
    expect(errors(result)).toBe("");
    expect(asked).toEqual([]);
  });
});

import { readFileSync } from "node:fs";
import { stateSummary } from "@standin/pulumi-engine";
import { byName, errors, Stand } from "./support/stand";
import type { Declared } from "./support/spec";

jest.setTimeout(120_000);

describe("secrets", () => {
  const stand = new Stand();
  afterAll(() => {
    stand.dispose();
  });
  const SECRETS = ["hunter2hunter2", "deep-in-a-list", "deep-in-a-map", "configured-secret"];
  const resources: Declared[] = [
    {
      name: "holder",
      inputs: {
        password: { $secret: SECRETS[0] },
        list: ["plain", { $secret: SECRETS[1] }],
        map: { open: "visible", closed: { $secret: SECRETS[2] } },
        value: "not secret",
      },
      options: { additionalSecretOutputs: ["value"] },
    },
    { name: "user", inputs: { of: { $ref: "holder.token" }, open: { $ref: "holder.computed" } } },
  ];
  const config = { "fake:token": "configured-secret" };
  const more = { config, secretConfigKeys: ["fake:token"] };
  const spec = { resources, outputs: { token: { $ref: "holder.token" }, open: { $ref: "holder.computed" } } };

  function expectNoSecretIn(text: string): void {
    for (const secret of [...SECRETS, "token-of-id"]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString("base64"));
    }
  }

  test("are masked in results and events, encrypted in the state, and plain for the provider only", async () => {
    const result = await stand.run("up", spec, more);
    expect(errors(result)).toBe("");
    expect(byName(result, "holder").inputs).toEqual({
      password: "[secret]",
      list: ["plain", "[secret]"],
      map: { open: "visible", closed: "[secret]" },
      value: "not secret",
    });
    expect(byName(result, "user").inputs).toEqual({ of: "[secret]", open: "computed-not secret" });
    expect(result.outputs).toEqual({ token: "[secret]", open: "computed-not secret" });
    expect(result.secretOutputs()["token"]).toMatch(/^token-of-id-holder/);
    expectNoSecretIn(JSON.stringify(result));
    expectNoSecretIn(JSON.stringify(stand.events));
    expect(JSON.stringify(stand.events)).toContain("making holder with [secret]");
    const state = readFileSync(stand.stateFile, "utf8");
    expectNoSecretIn(state);
    expect(state).toContain("visible");
    expectNoSecretIn(JSON.stringify(stateSummary(stand.stateFile)));
    expect(stateSummary(stand.stateFile)?.outputs).toEqual({ token: "[secret]", open: "computed-not secret" });
    expect(stand.cloud.things().find((t) => t.urn.endsWith("::holder"))?.inputs).toMatchObject({
      password: "hunter2hunter2",
      list: ["plain", "deep-in-a-list"],
    });
    expect(stand.cloud.calls().find((c) => c.method === "configure")?.detail).toEqual({ token: "configured-secret" });
  });

  test("come back from the state: nothing to do; a change of one is seen but not shown", async () => {
    const again = await stand.run("up", spec, more);
    expect(again.summary).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: 3 });
    const changed = await stand.run(
      "preview",
      {
        resources: [
          { ...resources[0]!, inputs: { ...resources[0]?.inputs, password: { $secret: "another-password" } } },
          resources[1]!,
        ],
      },
      more,
    );
    expect(byName(changed, "holder").diff).toEqual([{ path: "password", before: "[secret]", after: "[secret]" }]);
    expect(JSON.stringify(changed)).not.toContain("another-password");
  });

  test("becoming secret is no difference, but hides the value from then on", async () => {
    const now = resources.map((r) =>
      r.name === "holder" ? { ...r, inputs: { ...r.inputs, value: { $secret: "not secret" } } } : r,
    );
    const result = await stand.run("up", { ...spec, resources: now }, more);
    expect(byName(result, "holder").op).toBe("same");
    expect(byName(result, "holder").inputs["value"]).toBe("[secret]");
    expect(readFileSync(stand.stateFile, "utf8")).not.toContain('"value":"not secret"');
  });

  test("stay out of error messages and of what the program prints", async () => {
    const failing = await stand.run(
      "up",
      {
        resources: [{ name: "x", inputs: { failCreate: { $secret: "in-the-error" } } }],
        throws: "the program says configured-secret",
      },
      more,
    );
    expect(failing.ok).toBe(false);
    expect(errors(failing)).toContain("cannot create: [secret]");
    expect(errors(failing)).toContain("the program says [secret]");
    expect(JSON.stringify([failing, stand.events])).not.toMatch(/in-the-error|configured-secret/);
  });

  test("another passphrase is refused and nothing is touched", async () => {
    const before = readFileSync(stand.stateFile);
    await expect(stand.run("up", spec, { ...more, passphrase: "wrong" })).rejects.toThrow(/passphrase is not the one/);
    await expect(stand.run("preview", spec, { ...more, passphrase: "wrong" })).rejects.toThrow(stand.stateFile);
    await expect(stand.run("up", spec, { ...more, passphrase: "" })).rejects.toThrow(/passphrase: is empty/);
    expect(readFileSync(stand.stateFile).equals(before)).toBe(true);
  });
});

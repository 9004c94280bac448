import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { utils } from "ssh2";
import { randomProvider } from "@standin/pulumi-engine/providers/random";
import { tlsProvider } from "@standin/pulumi-engine/providers/tls";
import { byName, errors, Stand } from "../support/stand";

jest.setTimeout(120_000);

describe("the packages random and tls, as their SDKs use them", () => {
  const stand = new Stand();
  afterAll(() => {
    stand.dispose();
  });
  const options = {
    projectDir: join(__dirname, "..", "programs", "realPackages"),
    providers: { random: randomProvider, tls: tlsProvider },
  };

  test("up makes working keys and certificates; secrets are secret; up again changes nothing; keepers replace", async () => {
    const preview = await stand.runWith("preview", options);
    expect(errors(preview)).toBe("");
    expect(byName(preview, "leaf").inputs["certRequestPem"]).toBe("[unknown]");
    const up = await stand.runWith("up", options);
    expect(errors(up)).toBe("");
    expect(up.outputs).toMatchObject({ result: "[secret]", openssh: "[secret]", leafKeyPem: "[secret]" });
    const clear = up.secretOutputs() as Record<string, string>;
    expect(clear["result"]).toMatch(/^[A-Za-z0-9_-]{40}$/);
    expect(clear["result"]?.match(/[_-]/g)?.length).toBeGreaterThanOrEqual(3);
    expect(clear["hex"]).toMatch(/^p-[0-9a-f]{16}$/);
    const parsed = utils.parseKey(clear["openssh"] ?? "");
    if (parsed instanceof Error) throw parsed;
    expect(clear["authorized"]).toBe(`ssh-ed25519 ${parsed.getPublicSSH().toString("base64")}\n`);
    const ca = new X509Certificate(clear["caPem"] ?? "");
    const leaf = new X509Certificate(clear["leafPem"] ?? "");
    expect(ca.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.checkIssued(ca)).toBe(true);
    expect(leaf.checkHost("b.example")).toBe("b.example");
    expect(leaf.checkHost("c.example")).toBeUndefined();
    expect(leaf.checkPrivateKey(createPrivateKey(clear["leafKeyPem"] ?? ""))).toBe(true);
    const state = readFileSync(stand.stateFile, "utf8");
    expect(state).not.toContain("PRIVATE KEY");
    expect(state).not.toContain(clear["result"]);

    const again = await stand.runWith("up", options);
    expect(again.summary).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: 9 });
    expect(again.secretOutputs()).toEqual(clear);
    const next = await stand.runWith("up", { ...options, config: { "realPackages:round": "2" } });
    expect(byName(next, "password")).toMatchObject({ op: "replace", replaceKeys: ["keepers"] });
    expect(next.secretOutputs()["result"]).not.toBe(clear["result"]);
  });
});

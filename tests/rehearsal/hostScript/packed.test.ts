import { createHash } from "node:crypto";
import { packScript, unpackScript } from "../../../components/machines/packScript";
import { parseScript } from "../../../components/machines/parseScript";
import { syntaxError } from "../../components/machines/support/fakeHost";
import { freshHost, script } from "../../components/machines/support/freshHost";

jest.setTimeout(60_000);

const packed = packScript(script);

describe("a packed host script", () => {
  test("is less than half as long, valid bash, and reads back the same", () => {
    expect(packed.length * 2).toBeLessThan(script.length);
    expect(syntaxError(packed)).toBe("");
    expect(unpackScript(packed)).toBe(script);
    expect(parseScript(packed)).toEqual(parseScript(script));
    expect(unpackScript(script)).toBe(script);
  });

  test("has the bytes that it has with any other Node", () => {
    const text = Array.from({ length: 500 }, (_, i) => `kb_file '/etc/${i}' ${i * 7919}`).join("\n");
    const sum = createHash("sha256").update(packScript(text)).digest("hex");
    expect(sum).toMatchInlineSnapshot(`"315a041acc969c8ee669f4149d071a2b1c47e7254e93ee5df4da4fb43e96a9aa"`);
  });

  test("does what the script does, and shows nothing of it", () => {
    const host = freshHost();
    expect(host.run(packed)).toMatchObject({ status: 0, stderr: "" });
    expect(host.run(script).stdout).toBe("keybuzz: host db-01: no change\n");
    const bare = freshHost();
    bare.setBroken("apt-get", true);
    expect(bare.run(packed)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/E: no network; remedy: /) as string,
    });
  });

  test("does nothing when it arrives in part, or damaged", () => {
    const host = freshHost();
    for (const part of [0.2, 0.5, 0.9, 0.999])
      expect(host.run(packed.slice(0, Math.floor(packed.length * part))).status).not.toBe(0);
    const lines = packed.split("\n");
    const damaged = [...lines.slice(0, 20), ...lines.slice(21)].join("\n");
    expect(host.run(damaged)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("did not arrive whole") as string,
    });
    expect(host.snapshot()).toEqual({});
    expect(() => parseScript(damaged)).toThrow();
  });
});

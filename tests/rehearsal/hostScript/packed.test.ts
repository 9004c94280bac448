import { createHash } from "node:crypto";
import { packScript, unpackScript } from "../../../components/machines/packScript";
import { parseScript } from "../../../components/machines/parseScript";
import { syntaxError } from "../../components/machines/support/fakeHost";
import { freshHost, script } from "../../components/machines/support/freshHost";

jest.setTimeout(60_000);

const packed = packScript(script);

describe("a packed host script", () => {
  test("is less than half as long, valid bash, and reads back the same", () => {
    expect(packed.length * 2.4).toBeLessThan(script.length);
    expect(syntaxError(packed)).toBe("");
    expect(unpackScript(packed)).toBe(script);
    expect(parseScript(packed)).toEqual(parseScript(script));
    expect(unpackScript(script)).toBe(script);
  });

  test("has the bytes that it has with any other Node", () => {
    const text = Array.from({ length: 500 }, (_, i) => `kb_file '/etc/${i}' ${i * 7919}`).join("\n");
    const sum = createHash("sha256").update(packScript(text)).digest("hex");
    expect(sum).toMatchInlineSnapshot(`"5c576c9c137a4976a6176a165dae45cfa5e169e6987a279bb0b14486878abe06"`);
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
    for (const part of [0.2, 0.5, 0.9, 0.99])
      expect(host.run(packed.slice(0, Math.floor(packed.length * part))).status).not.toBe(0);
    const damaged = packed.replace(/^[A-Za-z0-9+/]{40}/m, (line) => [...line].reverse().join(""));
    expect(host.run(damaged)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("did not arrive whole") as string,
    });
    expect(host.snapshot()).toEqual({});
    expect(() => parseScript(damaged)).toThrow();
  });

  test("of a few lines stays as it is", () => {
    expect(packScript("true\n")).toBe("true\n");
  });
});

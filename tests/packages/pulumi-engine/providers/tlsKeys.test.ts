import { utils } from "ssh2";
import { privateKey } from "@standin/pulumi-engine/providers/tlsKeys";

/** An OpenSSH key whose last bytes are missing, as ssh2 makes one in 256. */
function brokenPair(): { private: string; public: string } {
  const pair = utils.generateKeyPairSync("ecdsa", { bits: 256 });
  const lines = pair.private.trim().split("\n");
  return { ...pair, private: [...lines.slice(0, 2), ...lines.slice(-1), ""].join("\n") };
}

describe("tls.PrivateKey", () => {
  afterEach(() => jest.restoreAllMocks());

  test("a key that cannot be read back is made again", async () => {
    const real = utils.generateKeyPair;
    let calls = 0;
    jest.spyOn(utils, "generateKeyPair").mockImplementation(((...args: never[]) => {
      calls += 1;
      const done = args.at(-1) as unknown as (error: Error | null, pair: object) => void;
      if (calls < 3) done(null, brokenPair());
      else (real as (...all: never[]) => void)(...args);
    }) as never);
    const { outputs } = await privateKey.create({ algorithm: "ED25519" }, new Date());
    expect(calls).toBeGreaterThanOrEqual(3);
    expect(outputs["privateKeyOpenssh"]).toMatch(/BEGIN OPENSSH PRIVATE KEY/);
    expect(utils.parseKey(outputs["privateKeyOpenssh"] as string)).not.toBeInstanceOf(Error);
  });

  test("where none can be read it says so", async () => {
    jest.spyOn(utils, "generateKeyPair").mockImplementation(((...args: never[]) => {
      (args.at(-1) as unknown as (error: Error | null, pair: object) => void)(null, brokenPair());
    }) as never);
    await expect(privateKey.create({ algorithm: "ED25519" }, new Date())).rejects.toThrow(
      /no usable ED25519 key in 20 attempts/,
    );
  });
});

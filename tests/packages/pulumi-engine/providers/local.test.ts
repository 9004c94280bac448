import { UNKNOWN } from "@standin/pulumi-engine/provider";
import type { Properties, ProviderFactory, ResourceContext } from "@standin/pulumi-engine/provider";
import { randomProvider } from "@standin/pulumi-engine/providers/random";
import { tlsProvider } from "@standin/pulumi-engine/providers/tls";

const context = (type: string, preview = false): ResourceContext => ({
  urn: "urn",
  type,
  preview,
  signal: new AbortController().signal,
  log: () => undefined,
});
async function create(
  factory: ProviderFactory,
  type: string,
  inputs: Properties,
): Promise<{ id: string; outputs: Record<string, unknown> }> {
  const provider = await factory({});
  expect((await provider.check(context(type), inputs, undefined)).failures).toEqual([]);
  return await provider.create(context(type), inputs);
}
async function failures(factory: ProviderFactory, type: string, inputs: Properties): Promise<string> {
  const { failures: found } = await (await factory({})).check(context(type), inputs, undefined);
  return found.map((f) => `${f.property}: ${f.reason}`).join("\n");
}

describe("random", () => {
  const password = "random:index/randomPassword:RandomPassword";

  test("every class and every minimum of a password", async () => {
    const { id, outputs } = await create(randomProvider, password, {
      length: 30,
      upper: false,
      special: true,
      overrideSpecial: "~",
      minSpecial: 4,
      minNumeric: 6,
      minLower: 8,
    });
    const result = String(outputs["result"]);
    expect(id).toBe("none");
    expect(result).toMatch(/^[a-z0-9~]{30}$/);
    expect(result.match(/~/g)?.length).toBeGreaterThanOrEqual(4);
    expect(result.match(/\d/g)?.length).toBeGreaterThanOrEqual(6);
    expect(result.match(/[a-z]/g)?.length).toBeGreaterThanOrEqual(8);
    const digits = await create(randomProvider, password, { length: 12, lower: false, upper: false, special: false });
    expect(digits.outputs["result"]).toMatch(/^\d{12}$/);
    const none = await create(randomProvider, password, { length: 200, number: false });
    expect(none.outputs["result"]).not.toMatch(/\d/);
    expect(none.outputs["result"]).toMatch(/[!@#$%&*()\-_=+[\]{}<>:?]/);
  });

  test("mistakes are listed; what is unknown is not judged yet", async () => {
    expect(await failures(randomProvider, password, { length: 3, minLower: 2, minUpper: 2 })).toContain(
      "length: is 3, less than minLower",
    );
    expect(
      await failures(randomProvider, password, {
        length: 3,
        lower: false,
        upper: false,
        numeric: false,
        special: false,
      }),
    ).toContain("no character class is left");
    expect((await failures(randomProvider, password, { length: "x", lower: 1, lenght: 3 })).split("\n")).toHaveLength(
      3,
    );
    expect(await failures(randomProvider, password, { length: UNKNOWN })).toBe("");
    expect(await failures(randomProvider, password, { length: 0 })).toContain("length: must be 1 to");
  });

  test("the other types", async () => {
    const id = await create(randomProvider, "random:index/randomId:RandomId", { byteLength: 4, prefix: "p-" });
    expect(String(id.outputs["b64Std"])).toMatch(/^p-/);
    const [std, hex, dec] = ["b64Std", "hex", "dec"].map((form) => String(id.outputs[form]).slice(2));
    expect(Buffer.from(std ?? "", "base64").toString("hex")).toBe(hex);
    expect(
      BigInt(dec ?? "")
        .toString(16)
        .padStart(8, "0"),
    ).toBe(hex);
    const bytes = await create(randomProvider, "random:index/randomBytes:RandomBytes", { length: 5 });
    expect(bytes.outputs["hex"]).toMatch(/^[0-9a-f]{10}$/);
  });

  test("what is given counts; any change makes another one", async () => {
    const provider = await randomProvider({});
    const inputs = { length: 12, special: false, keepers: { round: "1" } };
    const made = await create(randomProvider, password, inputs);
    const paths = async (news: Properties) =>
      (await provider.diff(context(password), { ...made, inputs } as never, news)).changes.map(
        ({ path, replace }) => `${path}${replace ? " replaces" : ""}`,
      );
    expect(await paths(inputs)).toEqual([]);
    expect(await paths({ ...inputs, length: 13 })).toEqual(["length replaces"]);
    expect(await paths({ ...inputs, keepers: { round: "2" } })).toEqual(["keepers replaces"]);
    // No longer given: the default counts.
    expect(await paths({ length: 12, keepers: { round: "1" } })).toEqual(["special replaces"]);
  });
});

describe("tls", () => {
  const key = "tls:index/privateKey:PrivateKey";

  test.each([
    [{ algorithm: "RSA" }, "RSA PRIVATE KEY", "ssh-rsa"],
    [{ algorithm: "ECDSA", ecdsaCurve: "P384" }, "EC PRIVATE KEY", "ecdsa-sha2-nistp384"],
    [{ algorithm: "ED25519" }, "PRIVATE KEY", "ssh-ed25519"],
    [{ algorithm: "ECDSA" }, "EC PRIVATE KEY", ""],
  ])("%j", async (inputs, header, ssh) => {
    const { outputs } = await create(tlsProvider, key, inputs);
    expect(outputs["privateKeyPem"]).toMatch(new RegExp(`^-----BEGIN ${header}-----`));
    expect(outputs["privateKeyPemPkcs8"]).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(outputs["publicKeyPem"]).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    expect(String(outputs["publicKeyOpenssh"]).split(" ")[0]).toBe(ssh);
    // P224, the provider's default curve, has no OpenSSH form.
    expect(outputs["publicKeyFingerprintSha256"]).toMatch(ssh === "" ? /^$/ : /^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(outputs["publicKeyFingerprintMd5"]).toMatch(ssh === "" ? /^$/ : /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
  });

  test("a certificate is refused when the CA's key is another's, an use does not exist, or a key is none", async () => {
    const make = async (): Promise<{ pem: string; ca: string }> => {
      const pem = String((await create(tlsProvider, key, { algorithm: "ED25519" })).outputs["privateKeyPem"]);
      const inputs = {
        privateKeyPem: pem,
        subject: { commonName: "ca" },
        isCaCertificate: true,
        validityPeriodHours: 1,
        allowedUses: ["cert_signing"],
      };
      return {
        pem,
        ca: String((await create(tlsProvider, "tls:index/selfSignedCert:SelfSignedCert", inputs)).outputs["certPem"]),
      };
    };
    const [one, other] = [await make(), await make()];
    const request = await create(tlsProvider, "tls:index/certRequest:CertRequest", { privateKeyPem: one.pem });
    const signed = {
      caCertPem: one.ca,
      caPrivateKeyPem: other.pem,
      certRequestPem: String(request.outputs["certRequestPem"]),
      validityPeriodHours: 1,
      allowedUses: [],
    };
    await expect(create(tlsProvider, "tls:index/locallySignedCert:LocallySignedCert", signed)).rejects.toThrow(
      "is not the key of the certificate in caCertPem",
    );
    expect(
      await failures(tlsProvider, "tls:index/locallySignedCert:LocallySignedCert", {
        ...signed,
        allowedUses: ["serving"],
      }),
    ).toContain("allowedUses[0]: must be one of digital_signature");
    const writeOnly = { privateKeyPemWo: one.pem, privateKeyPemWoVersion: 1 };
    expect(await failures(tlsProvider, "tls:index/certRequest:CertRequest", writeOnly)).toBe(
      "privateKeyPemWo: is write-only, and not part of the embedded engine\n" +
        "privateKeyPemWoVersion: is write-only, and not part of the embedded engine\n" +
        "privateKeyPem: is required and missing",
    );
    const broken = { privateKeyPem: "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n" };
    await expect(create(tlsProvider, "tls:index/certRequest:CertRequest", broken)).rejects.toThrow(
      "privateKeyPem: is not a private key in PEM format",
    );
  });
});

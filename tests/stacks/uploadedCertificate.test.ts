import { standInCertificate, stillGood } from "../../rehearsal/standInCertificate";
import { uploadedCertificateRules } from "../../stacks/uploadedCertificateRules";

const HOSTS = ["a.example.org", "b.example.org"];
const DAY_MS = 86_400_000;
const pair = standInCertificate(HOSTS);
const problems = async (
  edit: { readonly certificate?: string; readonly privateKey?: string } = {},
  { hosts = HOSTS, inDays = 0 }: { readonly hosts?: readonly string[]; readonly inDays?: number } = {},
): Promise<string> => {
  const now = new Date(Date.now() + inDays * DAY_MS);
  return uploadedCertificateRules({ ...(await pair), ...edit }, hosts, now)
    .map(({ path, found, allowed }) => `${path}: ${found}; ${allowed}`)
    .join("\n");
};

test("what a rehearsal makes is good, for a while, and for these hosts", async () => {
  expect(await problems()).toBe("");
  const { certificate } = await pair;
  expect(stillGood(certificate, HOSTS)).toBe(true);
  expect(stillGood(certificate, [...HOSTS, "c.example.org"])).toBe(false);
  expect(stillGood("rehearsal0123", HOSTS)).toBe(false);
});

test("a wildcard covers one label", async () => {
  const wildcard = await standInCertificate(["*.example.org"]);
  expect(await problems(wildcard)).toBe("");
  expect(await problems(wildcard, { hosts: ["a.b.example.org"] })).toContain("which does not cover a.b.example.org");
});

test("one that does not cover every host is refused, with those it leaves out", async () => {
  expect(await problems({}, { hosts: [...HOSTS, "c.example.org"] })).toMatch(
    /^keybuzz:webCertificate: one for DNS:a\.example\.org.*, which does not cover c\.example\.org/,
  );
});

test("one that has ended, ends within a week or has not begun is refused", async () => {
  expect(await problems({}, { inDays: 357 })).toBe("");
  expect(await problems({}, { inDays: 359 })).toContain("ends ");
  expect(await problems({}, { inDays: 366 })).toContain("ended ");
  expect(await problems({}, { inDays: -2 })).toContain("is not valid before");
});

test("another certificate's key is refused, and never shown", async () => {
  const { privateKey } = await standInCertificate(HOSTS);
  const said = await problems({ privateKey });
  expect(said).toMatch(/^keybuzz:webCertificateKey: another key; that of the certificate/);
  expect(said).not.toContain("PRIVATE KEY");
});

test("Hetzner's limits: 5 certificates in a chain, 5 kB of a key", async () => {
  const { certificate, privateKey } = await pair;
  expect(await problems({ certificate: certificate.repeat(5) })).toBe("");
  expect(await problems({ certificate: certificate.repeat(6) })).toContain("a chain of 6 certificates");
  expect(await problems({ certificate: `${certificate}${"#".repeat(30 * 1024)}` })).toContain(
    "30720, which Hetzner takes",
  );
  expect(await problems({ privateKey: `${privateKey}${"\n".repeat(5 * 1024)}` })).toContain(
    "5120, which Hetzner takes",
  );
});

test("what is no PEM is said to be none", async () => {
  expect(await problems({ certificate: "made-up", privateKey: "made-up" })).toMatch(
    /webCertificate: something else; an X\.509 certificate.*\n.*webCertificateKey: something else; a private key/,
  );
});

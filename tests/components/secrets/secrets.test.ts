import { SecretLedger } from "../../../components/secrets/secretLedger";
import { hasSecret, placeholder, referencedSecrets, substituteSecrets } from "../../../components/secrets/secretRef";

describe("secrets in texts", () => {
  test("placeholders are found and replaced", () => {
    const ledger = new SecretLedger();
    const url = `postgres://chatwoot:${ledger.generated("postgres/chatwoot")}@10.0.0.10/${ledger.hex("db")}`;
    expect(referencedSecrets(url)).toEqual(["postgres/chatwoot", "db"]);
    expect(hasSecret("postgres://10.0.0.10")).toBe(false);
    const values = new Map([
      ["postgres/chatwoot", "a$&b"],
      ["db", "c"],
    ]);
    expect(substituteSecrets(url, values)).toBe("postgres://chatwoot:a$&b@10.0.0.10/c");
  });

  test("a missing value names the id, and does not show the text", () => {
    expect(() => substituteSecrets(`hidden ${placeholder("x/y")}`, new Map())).toThrow(
      /secret "x\/y" is used but was never declared/,
    );
    expect(() => substituteSecrets(`hidden ${placeholder("x/y")}`, new Map())).not.toThrow(/hidden/);
  });

  test("one id is one secret", () => {
    const ledger = new SecretLedger();
    expect(ledger.generated("a")).toBe(ledger.generated("a"));
    expect(() => ledger.hex("a")).toThrow(/"a" is declared in two shapes/);
    expect(ledger.specs).toHaveLength(1);
  });

  test("a certificate brings its authority along", () => {
    const ledger = new SecretLedger();
    const { key, cert, ca } = ledger.certificate({
      id: "postgres/db-01",
      authority: "postgres",
      commonName: "db-01",
      dnsNames: ["db-01"],
      ipAddresses: ["10.0.0.120"],
    });
    expect([key, cert, ca].flatMap(referencedSecrets)).toEqual([
      "postgres/db-01.key",
      "postgres/db-01.cert",
      "postgres.ca",
    ]);
    expect(ledger.authority("postgres")).toBe(ca);
  });
});

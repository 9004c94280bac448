import { nameInZone, recordSet } from "../../../components/network/dnsRecords";
import { recordMistake } from "@standin/hetzner-api/rules/dns";

test("values are as Hetzner takes them", () => {
  const sets = [
    recordSet({ name: "@", type: "MX", values: [{ priority: 10, host: "mail.example.com." }] }, 60),
    recordSet({ name: "_dmarc", type: "TXT", values: ['say "hi" \\ bye'], ttlSeconds: 3600 }, 60),
    recordSet({ name: "_sip._tcp", type: "SRV", values: [{ priority: 1, weight: 2, port: 5060, host: "sip" }] }, 60),
    recordSet({ name: "@", type: "CAA", values: [{ tag: "issue", value: "letsencrypt.org" }] }, 60),
    recordSet({ name: "sub", type: "NS", values: ["helium.ns.hetzner.de."] }, 60),
  ];
  expect(sets.map(({ values }) => values[0])).toEqual([
    "10 mail.example.com.",
    '"say \\"hi\\" \\\\ bye"',
    "1 2 5060 sip",
    '0 issue "letsencrypt.org"',
    "helium.ns.hetzner.de.",
  ]);
  expect(sets.map(({ ttlSeconds }) => ttlSeconds)).toEqual([60, 3600, 60, 60, 60]);
  for (const { type, values } of sets) for (const value of values) expect(recordMistake(type, value)).toBeUndefined();
});

test("long texts, such as DKIM keys, are cut into pieces of 255 characters", () => {
  const key = `v=DKIM1; k=rsa; p=${"A".repeat(392)}`;
  const [value = ""] = recordSet({ name: "mail._domainkey", type: "TXT", values: [key] }, 60).values;
  const pieces = value.slice(1, -1).split('" "');
  expect(pieces.map(({ length }) => length)).toEqual([255, key.length - 255]);
  expect(pieces.join("")).toBe(key);
  expect(recordMistake("TXT", value)).toBeUndefined();
});

test("a host's name in its zone", () => {
  expect(nameInZone("example.org", "example.org")).toBe("@");
  expect(nameInZone("a.b.example.org", "example.org")).toBe("a.b");
});

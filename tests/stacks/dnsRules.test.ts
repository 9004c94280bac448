import type { DnsRecordSpec } from "../../components/network/dnsRecords";
import { delegationRules } from "../../stacks/dnsRules";
import { Mistakes } from "../../components/mistakes";
import { readEstate } from "../../stacks/loadEnvironment";
import { environment as prod } from "../../stacks/prod";
import { environment as staging } from "../../stacks/staging";
import { validateEnvironment } from "../../stacks/judgeEnvironment";

const said = (web: object): string => {
  try {
    validateEnvironment({ ...prod, web: { ...prod.web, ...web } }, "stacks/prod.ts");
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};
const withRecords = (...records: readonly unknown[]): string => said({ records });
const a = (name: string): DnsRecordSpec => ({ name, type: "A", values: ["192.0.2.1"] });

test("a managed zone says what else the domain has; [] is an answer", () => {
  const { records: _left, ...web } = prod.web;
  const without = (manageZone: boolean): unknown => ({ ...prod, web: { ...web, manageZone } });
  expect(() => validateEnvironment(without(true), "stacks/prod.ts")).toThrow(
    /web\.records: found nothing; allowed: every record of keybuzz\.io, also its MX/,
  );
  expect(() => validateEnvironment(without(false), "stacks/prod.ts")).not.toThrow();
  expect(withRecords()).toBe("");
});

test("records that Hetzner would take pass", () => {
  expect(
    withRecords(
      { name: "@", type: "MX", values: [{ priority: 10, host: "mail.example.com." }] },
      { name: "@", type: "TXT", values: ["v=spf1 -all", "google-site-verification=x"] },
      { name: "*.apps", type: "CNAME", values: ["www"] },
      { name: "www", type: "AAAA", values: ["2001:db8::1"] },
      { name: "support", type: "TXT", values: ["beside an address of ours"] },
    ),
  ).toBe("");
});

test.each([
  [
    "a target without its final dot",
    { name: "www", type: "CNAME", values: ["shop.example.com"] },
    /web\.records\[0\]\.values\[0\].*with a dot at its end/,
  ],
  ["a name with its zone's final dot", a("www.keybuzz.io."), /web\.records\[0\]\.name/],
  ["an address that is none", { name: "www", type: "A", values: ["192.0.2"] }, /web\.records\[0\]\.values\[0\]/],
  ["two targets of a CNAME", { name: "www", type: "CNAME", values: ["a", "b"] }, /web\.records\[0\]\.values/],
  ["a type that cannot be", { name: "@", type: "SOA", values: ["x"] }, /web\.records\[0\]\.type/],
  [
    "a value twice",
    { name: "www", type: "A", values: ["192.0.2.1", "192.0.2.1"] },
    /values\[1\]: found "192\.0\.2\.1" twice/,
  ],
  [
    "an address of a public host",
    a("support"),
    /the name of workloads\.chatwoot\.host too; allowed: names whose address this program does not write/,
  ],
  ["an address of a balancer", a("lb-keybuzz-1"), /the name of web\.loadBalancers\[0\] too/],
  ["an alias for the bastion", { name: "bastion-01", type: "CNAME", values: ["x"] }, /the name of hosts\[0\] too/],
  ["name servers of the zone itself", { name: "@", type: "NS", values: ["ns.example.com."] }, /Hetzner makes it/],
  ["an alias of the zone itself", { name: "@", type: "CNAME", values: ["example.com."] }, /none at the zone itself/],
  [
    "a CAA without Let's Encrypt",
    { name: "@", type: "CAA", values: [{ tag: "issue", value: "ca.example" }] },
    /ca\.example alone; allowed: letsencrypt\.org/,
  ],
])("%s is refused", (_what, record, message) => {
  expect(withRecords(record)).toMatch(message);
});

test("what two records do to each other is refused", () => {
  expect(withRecords(a("www"), a("www"))).toMatch(/web\.records\[1\]: found www A, as in web\.records\[0\]/);
  expect(withRecords(a("www"), { name: "www", type: "CNAME", values: ["x"] })).toMatch(/www A beside a CNAME/);
  const ns = { name: "dev", type: "NS", values: ["ns.example.com."] };
  expect(withRecords(ns, a("www.dev"))).toMatch(/hands dev to other servers, so that www\.dev in this zone/);
});

test("a zone within another stack's needs that one's NS records", () => {
  const mistakes = new Mistakes();
  expect(readEstate("staging", mistakes)).toEqual(staging);
  expect(mistakes.none).toBe(true);
  const parent = { ...prod, web: { ...prod.web, records: [] } };
  expect(delegationRules(staging, [parent])).toEqual([
    {
      path: "web.zone",
      found: '"staging.keybuzz.io", within keybuzz.io of stack prod, which does not delegate it',
      allowed: "a zone that its parent delegates",
      fix: expect.stringMatching(/^add \{ name: "staging", type: "NS"/) as string,
    },
  ]);
  expect(delegationRules(staging, [{ ...parent, web: { ...parent.web, manageZone: false } }])).toEqual([]);
  expect(delegationRules(parent, [staging])).toEqual([]);
});

const HELP = { zone: "keybuzz.help", manageZone: true, records: [] };

test("a further zone is judged as the first one is, each at its place", () => {
  expect(said({ otherZones: [HELP] })).toBe("");
  const { records: _none, ...silent } = HELP;
  const shop = { ...HELP, zone: "keybuzz.shop" };
  const all = said({
    otherZones: [{ ...silent, zone: "keybuzz.app" }, { ...shop, records: [a("www"), a("www")] }, HELP, HELP],
  });
  expect(all).toMatch(/web\.otherZones\[0\]\.records: found nothing; allowed: every record of keybuzz\.app/);
  expect(all).toMatch(/web\.otherZones\[1\]\.records\[1\]: found www A, as in web\.otherZones\[1\]\.records\[0\]/);
  expect(all).toMatch(/web\.otherZones\[3\]\.zone: found "keybuzz\.help", as web\.otherZones\[2\]\.zone says/);
  // The balancers' names are the first zone's alone.
  expect(said({ otherZones: [{ ...HELP, records: [a("lb-keybuzz-1")] }] })).toBe("");
});

test("a zone within another of the same stack needs its NS records, too", () => {
  const inner = { ...HELP, zone: "docs.keybuzz.help" };
  const withZones = (...otherZones: readonly object[]) =>
    ({ ...prod, web: { ...prod.web, otherZones } }) as unknown as typeof prod;
  const lacking = withZones(HELP, inner);
  expect(delegationRules(lacking, [lacking])).toMatchObject([
    {
      path: "web.otherZones[1].zone",
      fix: expect.stringMatching(/to web\.otherZones\[0\]\.records in stacks\/prod\.ts$/) as string,
    },
  ]);
  const ns = { name: "docs", type: "NS", values: ["hydrogen.ns.hetzner.com."] };
  const delegating = withZones({ ...HELP, records: [ns] }, inner);
  expect(delegationRules(delegating, [delegating])).toEqual([]);
});

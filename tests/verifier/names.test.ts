import { withInput, without } from "../../verifier/mutations/graphEdits";
import { findingsAfter, only } from "../incidents/support";
import { prodGraph } from "../support/emitted";

const RRSET = "hcloud:index/zoneRrset:ZoneRrset";
const lost = (type: string, name: string) =>
  findingsAfter(
    prodGraph(),
    without((one) => one.type === type && one.name === name),
  );

test("a record that the environment lists and the zone lacks", () => {
  expect(only(lost(RRSET, "dns-ns-staging.keybuzz.io"), { at: "zone keybuzz.io" })).toMatchObject({
    question: "open",
    subject: "NS of staging.keybuzz.io",
    rule: "missing: record set staging/NS",
  });
  const other = withInput("dns-ns-staging.keybuzz.io", ["records", 0, "value"], "ns.example.com.");
  expect(only(findingsAfter(prodGraph(), other), { at: "zone keybuzz.io" }).value).toBe(
    "without hydrogen.ns.hetzner.com., with ns.example.com.",
  );
});

test("a public host without an address", () => {
  expect(only(lost(RRSET, "dns-a-support.keybuzz.io"), { at: "zone keybuzz.io" })).toMatchObject({
    subject: "the internet -> support.keybuzz.io",
    rule: "missing: record set support/A",
  });
});

test("a public host without a certificate", () => {
  const type = "hcloud:index/managedCertificate:ManagedCertificate";
  expect(only(lost(type, "certificates-support.keybuzz.io"), { at: "certificates" })).toMatchObject({
    rule: "missing: a certificate for support.keybuzz.io",
  });
});

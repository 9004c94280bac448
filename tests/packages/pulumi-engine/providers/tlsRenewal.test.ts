import type { Properties, ResourceContext, ResourceState } from "@standin/pulumi-engine/provider";
import { tlsProviderAt } from "@standin/pulumi-engine/providers/tls";

// As terraform-provider-tls plans it (ModifyPlan: readyForRenewal, requires replace), and pulumi-terraform-bridge
// passes it on: read in their sources, not recorded.
const HOUR = 3_600_000;
const TYPE = "tls:index/selfSignedCert:SelfSignedCert";
const START = Date.parse("2026-01-01T00:00:00Z");
let time = START;

const context = (type: string): ResourceContext => ({
  urn: "urn",
  type,
  preview: false,
  signal: new AbortController().signal,
  log: () => undefined,
});

async function certificate(hours: Properties) {
  time = START;
  const tls = await tlsProviderAt(() => new Date(time))({});
  const key = await tls.create(context("tls:index/privateKey:PrivateKey"), { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const wanted: Properties = {
    privateKeyPem: key.outputs["privateKeyPem"] ?? "",
    allowedUses: ["client_auth"],
    ...hours,
  };
  const { inputs } = await tls.check(context(TYPE), wanted, undefined);
  const made = await tls.create(context(TYPE), inputs);
  const state: ResourceState = { ...made, inputs };
  const changesAt = async (hour: number, news: Properties = inputs) => {
    time = START + hour * HOUR;
    return (await tls.diff(context(TYPE), state, news)).changes;
  };
  const refreshedAt = async (hour: number) => {
    time = START + hour * HOUR;
    return (await tls.read(context(TYPE), state.id, state))?.outputs["readyForRenewal"];
  };
  return { inputs, state, changesAt, refreshedAt };
}

const RENEWED = [{ path: "readyForRenewal", kind: "update", replace: true }];

test("a certificate is replaced as soon as no more than earlyRenewalHours are left, and after its end", async () => {
  const { state, changesAt, refreshedAt } = await certificate({ validityPeriodHours: 100, earlyRenewalHours: 40 });
  expect(state.outputs).toMatchObject({ validityEndTime: "2026-01-05T04:00:00Z", readyForRenewal: false });
  expect(await changesAt(59)).toEqual([]);
  expect(await refreshedAt(59)).toBe(false);
  expect(await changesAt(60)).toEqual(RENEWED);
  expect(await changesAt(1000)).toEqual(RENEWED);
  expect(await refreshedAt(60)).toBe(true);
});

test("without earlyRenewalHours only after its end", async () => {
  const { changesAt } = await certificate({ validityPeriodHours: 100 });
  expect(await changesAt(99)).toEqual([]);
  expect(await changesAt(100)).toEqual(RENEWED);
});

test("another earlyRenewalHours counts at once, and replaces nothing by itself", async () => {
  const { inputs, changesAt } = await certificate({ validityPeriodHours: 100, earlyRenewalHours: 40 });
  const early = { ...inputs, earlyRenewalHours: 50 };
  expect(await changesAt(10, early)).toEqual([{ path: "earlyRenewalHours", kind: "update", replace: false }]);
  expect(await changesAt(50, early)).toContainEqual(RENEWED[0]);
});

test("one that could never be old enough is ready when it is made", async () => {
  const { state } = await certificate({ validityPeriodHours: 10, earlyRenewalHours: 10 });
  expect(state.outputs["readyForRenewal"]).toBe(true);
});

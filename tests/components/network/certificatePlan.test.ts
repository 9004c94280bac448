import { planManaged, type KnownCertificate } from "../../../components/network/certificatePlan";

const HOSTS = ["a.example.org", "b.example.org"];
const of = (host: string, edit: Partial<KnownCertificate> = {}): KnownCertificate => ({
  host,
  attempt: 1,
  failed: false,
  issued: true,
  ...edit,
});
const ZONE = "example.org";
const plan = (delegated: boolean, ...certificates: readonly KnownCertificate[]) =>
  planManaged(
    HOSTS.map((host) => ({ host, zone: ZONE })),
    { undelegated: delegated ? [] : [ZONE], certificates },
  );

test("an empty account: self-signed until the zone is delegated, then managed", () => {
  expect(plan(false)).toEqual({ managed: [], interim: HOSTS, replaced: [] });
  expect(plan(true).managed).toEqual(HOSTS.map((host) => ({ host, attempt: 1 })));
});

test("of two zones the one that is delegated gets its certificates", () => {
  const hosts = [...HOSTS.map((host) => ({ host, zone: ZONE })), { host: "www.example.net", zone: "example.net" }];
  expect(planManaged(hosts, { undelegated: [ZONE], certificates: [] })).toEqual({
    managed: [{ host: "www.example.net", attempt: 1 }],
    interim: HOSTS,
    replaced: [],
  });
});

test("a certificate that is there stays, whatever is said of the delegation", () => {
  expect(plan(false, of("a.example.org"))).toEqual({
    managed: [{ host: "a.example.org", attempt: 1 }],
    interim: ["b.example.org"],
    replaced: [],
  });
  // One whose renewal fails is still shown.
  expect(plan(false, of("a.example.org", { failed: true })).managed).toEqual([{ host: "a.example.org", attempt: 1 }]);
});

test("one that is being issued is waited for", () => {
  const pending = of("a.example.org", { issued: false });
  expect(plan(true, pending)).toMatchObject({ managed: [{ attempt: 1 }, { attempt: 1 }], replaced: [] });
});

test("a failed one is asked for anew, once more than the last time, and only where it can succeed", () => {
  const failed = of("a.example.org", { failed: true, issued: false });
  expect(plan(true, failed)).toEqual({
    managed: [
      { host: "a.example.org", attempt: 2 },
      { host: "b.example.org", attempt: 1 },
    ],
    interim: [],
    replaced: ["a.example.org"],
  });
  expect(plan(true, failed, { ...failed, attempt: 2 }).managed[0]).toEqual({ host: "a.example.org", attempt: 3 });
  expect(plan(true, failed, of("a.example.org", { attempt: 2 })).managed[0]?.attempt).toBe(2);
  expect(plan(false, failed)).toMatchObject({ managed: [], interim: HOSTS });
});

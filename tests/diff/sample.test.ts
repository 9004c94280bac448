import { compareEstates } from "../../diff/compare";
import { FORMAT, type EmittedEstate, type EmittedOne } from "../../diff/model/emitted";
import { MADE_UP_ADDRESSES } from "../../diff/model/madeUp";
import { FORMATS, render } from "../../diff/render";
import { BUDGET } from "../../diff/render/budget";
import { DECLARING_TYPE } from "../../verifier/declaration";
import { emittedOne } from "../../tools/emitEstate";
import type { Registration } from "../../tools/registrations";

// Small estates by hand; tests/diff/changes.test.ts has twenty changes of prod.
const PLANTED = "correct-horse-battery-staple";

const registration = (type: string, name: string, inputs: Registration["inputs"]): Registration => ({
  urn: `urn:pulumi:test::keybuzz::${type}::${name}`,
  protect: false,
  inputs,
  dependencies: [],
  propertyDependencies: {},
  aliases: [],
  options: {},
});

const SERVER = "hcloud:index/server:Server";
const server = (name: string, serverType: string): Registration =>
  registration(SERVER, name, { name, serverType, location: "fsn1", networks: [] });

function estate(...all: readonly Registration[]): EmittedEstate {
  const flow = {
    from: { kind: "operators", cidrs: ["198.51.100.0/24"] },
    to: {
      id: "bastion/ssh",
      provider: { kind: "hosts", group: "bastion", hosts: ["bastion-01"] },
      port: 22,
      protocol: "tcp",
    },
    purpose: "operators log in",
  };
  const resources = [registration(DECLARING_TYPE, "test", {}), server("bastion-01", "cx23"), ...all].map(
    (one): EmittedOne => emittedOne(one, (text) => `${text.length}-fingerprint`),
  );
  return { format: FORMAT, stack: "test", resources, declaration: { flows: [flow] }, hosts: {} };
}

const compared = (before: EmittedEstate, after: EmittedEstate): ReturnType<typeof compareEstates> =>
  compareEstates({ name: "main", estate: before }, { name: "the change", estate: after });

test("a machine that is resized, in all three forms: the sentence first", () => {
  const diff = compared(estate(server("vector-01", "cx23")), estate(server("vector-01", "cx33")));
  for (const format of FORMATS)
    expect(render(diff, format)).toContain("owered off: server vector-01; +3.00 EUR a month.");
  expect(render(diff, "terminal")).toMatch(
    /^test: .*\n[^]*powered off +server vector-01: [^]*- serverType: cx23\n\+ serverType: cx33/,
  );
  expect(render(diff, "markdown")).toMatch(
    /^### test: [^]*\| powered off \| server vector-01 \|[^]*<details>[^]*\+ serverType: cx33/,
  );
  expect(JSON.parse(render(diff, "json"))).toMatchObject({ counts: { update: 1 }, groups: [{ names: ["vector-01"] }] });
});

test("secrets are never in it, in whatever form they come, nor what is only made up", () => {
  const holder = (secret: string): readonly Registration[] => [
    registration("command:remote:Command", "run", {
      create: "x",
      stdin: `[secret] ${secret}`,
      environment: { "[secret]": { A: secret } },
    }),
    registration("kubernetes:core/v1:Secret", "s", {
      stringData: { "[secret]": { a: secret } },
      list: [{ deep: [`[secret] ${secret}`] }],
    }),
    registration("hcloud:index/zoneRrset:ZoneRrset", "r", {
      records: [{ value: MADE_UP_ADDRESSES.ipv4 }],
      ttl: secret.length,
    }),
  ];
  const [old, now] = [estate(...holder(PLANTED)), estate(...holder(`${PLANTED}-2`))];
  for (const diff of [compared(old, now), compared(estate(), now), compared(old, estate())]) {
    for (const format of FORMATS) {
      const text = render(diff, format);
      expect(text).not.toMatch(/staple|fingerprint|203\.0\.113/);
      expect(text).toContain(diff.counts.update > 0 ? "stdin" : "run");
    }
  }
  expect(render(compared(old, now), "terminal")).toContain("! stdin: another one; it is secret, or has secrets in it");
  expect(render(compared(estate(), now), "terminal")).toContain("! stringData: a secret, not shown");
});

test("a graph that is too large for a comment: the important stays, the rest is counted, and JSON has all", () => {
  const many = Array.from({ length: 1500 }, (_, i) =>
    registration("kubernetes:core/v1:ConfigMap", `map-${i}`, { data: { key: `${i} ${"x".repeat(300)}` } }),
  );
  const diff = compared(estate(server("vector-01", "cx23")), estate(server("vector-01", "cx33"), ...many));
  for (const format of ["terminal", "markdown"] as const) {
    const text = render(diff, format);
    expect(text.length).toBeLessThanOrEqual(BUDGET);
    expect(text.length).toBeGreaterThan(0.9 * BUDGET);
    expect(text).toMatch(/powered off/);
    expect(text).toMatch(
      /Left out, to stay below 60,000 characters: 1,?\d{3} of 1,?\d{3} parts, the least important: /,
    );
  }
  expect(render(diff, "json")).toContain("map-1499");
});

test("a new machine at the address of one that goes does not work in one step", () => {
  const at = (name: string, ip: string): Registration =>
    registration(SERVER, name, { name, serverType: "cx23", networks: [{ ip }] });
  const { effects } = compared(estate(at("a-1", "10.0.0.7")), estate(at("a-2", "10.0.0.7")));
  expect(effects).toContainEqual(
    expect.objectContaining({
      kind: "fails",
      subject: "server a-2",
      what: expect.stringMatching(/^wants 10\.0\.0\.7, which server a-1 has/) as string,
    }),
  );
  expect(
    compared(estate(at("a-1", "10.0.0.7")), estate(at("a-2", "10.0.0.8"))).effects.map(({ kind }) => kind),
  ).not.toContain("fails");
});

test("protection that goes is told, of keys too; it changes the state alone", () => {
  const key = (protect: boolean): Registration => ({
    ...registration("random:index/randomPassword:RandomPassword", "n8n/encryption-key", {}),
    protect,
  });
  const diff = compared(estate(key(true)), estate(key(false)));
  expect(diff.effects).toContainEqual(
    expect.objectContaining({ kind: "data", subject: "random password n8n/encryption-key" }),
  );
  expect(diff.counts).toMatchObject({ state: 1, update: 0 });
});

import type { AppSpec } from "../../stacks/environment";
import { SecretLedger } from "../../components/secrets/secretLedger";
import { knownStacks, loadEnvironment } from "../../stacks/loadEnvironment";
import { planEstate } from "../../stacks/plan";
import { SECRET_CONFIG, secretKeys } from "../../stacks/secretConfig";
import { refuse } from "../../components/mistakes";
import { missingSecrets, readSettings, unknownSettings } from "../../stacks/stackConfig";

const read = (values: Readonly<Record<string, string>>) => readSettings((key) => values[key]);
/** Of 32 bytes that nobody has the other half of. */
const key = (byte: number): string =>
  `ssh-ed25519 ${Buffer.concat([Buffer.from("\0\0\0\x0bssh-ed25519\0\0\0\x20", "latin1"), Buffer.alloc(32, byte)]).toString("base64")}`;
const people = (...list: readonly { readonly name: string; readonly publicKeys: readonly string[] }[]): string =>
  JSON.stringify(list);
const ALICE = { name: "alice", publicKeys: [key(1), `${key(2)} laptop`] };
const GOOD = { operatorCidrs: '["203.0.113.7/32"]', operators: people(ALICE) };

describe("settings", () => {
  test("defaults", () => {
    expect(read(GOOD)).toEqual({
      settings: {
        operatorCidrs: ["203.0.113.7/32"],
        operators: [ALICE],
        bastionSshPort: 22,
        bastionKubernetesPort: 6443,
        consentToDelete: [],
        zoneIsDelegated: false,
      },
      mistakes: [],
    });
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      "missing",
      {},
      /keybuzz:operatorCidrs: found nothing; allowed: a list of a CIDR.*; fix: pulumi config set --path 'keybuzz:operatorCidrs\[0\]' 203/,
    ],
    [
      "no yes or no",
      { ...GOOD, zoneIsDelegated: "yes" },
      /keybuzz:zoneIsDelegated: found "yes"; allowed: true or false/,
    ],
    ["nobody", { operatorCidrs: '["203.0.113.7/32"]' }, /keybuzz:operators: found nothing.*operators\[0\]\.publicKeys/],
    ["empty", { operatorCidrs: "[]" }, /at least one entry/],
    ["not a list", { operatorCidrs: "203.0.113.7/32" }, /found a text; allowed: a list/],
    ["host bits", { operatorCidrs: '["203.0.113.7/24"]' }, /operatorCidrs\[0\].*zero host bits/],
    [
      "a private key",
      { ...GOOD, operators: people({ name: "alice", publicKeys: ["-----BEGIN"] }) },
      /operators\[0\]\.publicKeys\[0\]: found something else; allowed: an OpenSSH public key/,
    ],
    [
      "half a key",
      { ...GOOD, operators: people({ name: "alice", publicKeys: [key(1).replace("AAAAC3", "")] }) },
      /publicKeys\[0\]: found something else/,
    ],
    [
      "nobody's key",
      { ...GOOD, operators: people({ name: "bob", publicKeys: [] }) },
      /operators\[0\].*at least one key/,
    ],
    [
      "a daemon",
      { ...GOOD, operators: people({ ...ALICE, name: "postgres" }) },
      /operators\[0\]\.name: found "postgres"/,
    ],
    [
      "the program",
      { ...GOOD, operators: people({ ...ALICE, name: "keybuzz" }) },
      /name that is no account of the system/,
    ],
    [
      "a twin",
      { ...GOOD, operators: people(ALICE, { ...ALICE, publicKeys: [key(3)] }) },
      /operators\[1\]\.name.*join the two/,
    ],
    [
      "a shared key",
      { ...GOOD, operators: people(ALICE, { name: "bob", publicKeys: [`${key(2)} his`] }) },
      /operators\[1\]\.publicKeys\[0\]: found a key of alice's/,
    ],
    [
      "keys as they were before they had names",
      { operatorCidrs: GOOD.operatorCidrs, operatorPublicKeys: `["${key(1)}"]` },
      /^x has 1 mistake:\n {2}keybuzz:operatorPublicKeys.*pulumi config rm keybuzz:operatorPublicKeys/,
    ],
    ["a port", { ...GOOD, bastionSshPort: "70000" }, /keybuzz:bastionSshPort.*1 to 65535/],
  ])("%s", (_name, values, wanted) => {
    const { mistakes } = read(values);
    expect(() => refuse("x", mistakes)).toThrow(wanted);
  });

  test("all at once", () => {
    expect(read({ operatorCidrs: '["x", "0.0.0.0/0"]', bastionSshPort: "a" }).mistakes).toHaveLength(4);
  });

  test.each<[string, readonly string[], RegExp | undefined]>([
    ["one address", ["203.0.113.7/32", "2001:db8:1::/48"], undefined],
    ["a provider's", ["93.0.0.0/8"], undefined],
    ["the whole internet", ["0.0.0.0/0"], /found 0\.0\.0\.0\/0 wider than a \/8 of IPv4/],
    ["its halves", ["0.0.0.0/1", "203.0.113.7/32", "128.0.0.0/1"], /found 0\.0\.0\.0\/1, 128\.0\.0\.0\/1: each wider/],
    [
      "much of it, in pieces",
      ["93.0.0.0/9", "94.0.0.0/9", "95.0.0.0/9"],
      /93\.0\.0\.0\/9, 94\.0\.0\.0\/9, 95.*: together wider/,
    ],
    ["twice the same", ["93.0.0.0/8", "93.0.0.0/9"], undefined],
    ["the whole of IPv6", ["2000::/3"], /found 2000::\/3 wider than a \/19 of IPv6/],
    ["an address behind NAT", ["192.168.1.7/32"], /192\.168\.1\.7\/32, which is no address of the internet/],
  ])("%s is told from where operators come", (_name, cidrs, wanted) => {
    const { mistakes } = read({ ...GOOD, operatorCidrs: JSON.stringify(cidrs) });
    if (wanted === undefined) expect(mistakes).toEqual([]);
    else expect(() => refuse("x", mistakes)).toThrow(wanted);
  });
});

test("a key that nothing reads is named with what there is, and without its value", () => {
  const mistakes = unknownSettings(
    ["keybuzz:operatorCidr", "keybuzz:operatorCidrs", "keybuzz:ghcrToken", "keybuzz:shopToken", "hcloud:x"],
    ["ghcrToken", "shopToken"],
  );
  expect(mistakes).toEqual([
    {
      path: "keybuzz:operatorCidr",
      found: "a setting that nothing reads",
      allowed: expect.stringMatching(/^operatorCidrs, .*shopToken$/) as string,
      fix: 'write "operatorCidrs", or remove it: pulumi config rm keybuzz:operatorCidr',
    },
  ]);
});

describe("secrets from configuration", () => {
  test("the missing ones are named with the command that sets them, and not those that nothing uses", () => {
    const ledger = new SecretLedger();
    ledger.configured("ghcrToken");
    ledger.generated("postgres/x");
    expect(missingSecrets(ledger.specs, () => false)).toEqual([
      {
        path: "keybuzz:ghcrToken",
        found: "nothing",
        allowed: expect.stringMatching(/^GitHub/) as string,
        fix: "pulumi config set --secret keybuzz:ghcrToken",
      },
    ]);
    expect(missingSecrets(ledger.specs, () => true)).toEqual([]);
  });

  test("an application's own: a setting that is known, told with its command while it is missing, and in its Secret", () => {
    const staging = loadEnvironment("staging");
    const shop: AppSpec = {
      name: "shop",
      image: "shop:1",
      configuredSecrets: { SHOP_TOKEN: "shopToken" },
      processes: [{ kind: "worker", health: { kind: "exit" }, scale: 1 }],
    };
    const { apps = [] } = staging.workloads;
    const environment = { ...staging, workloads: { ...staging.workloads, apps: [...apps, shop] } };
    expect(unknownSettings(["keybuzz:shopToken"], secretKeys(staging))).toHaveLength(1);
    expect(unknownSettings(["keybuzz:shopToken"], secretKeys(environment))).toEqual([]);
    const plan = planEstate(environment, read(GOOD).settings);
    expect(missingSecrets(plan.secrets, (key) => key !== "shopToken")).toEqual([
      {
        path: "keybuzz:shopToken",
        found: "nothing",
        allowed: "a secret that workloads.apps or workloads.registries names",
        fix: "pulumi config set --secret keybuzz:shopToken",
      },
    ]);
    expect(plan.apps.find(({ app }) => app.name === "shop")?.app.secret).toEqual({
      name: "shop-secrets",
      entries: { SHOP_TOKEN: "<<secret:config/shopToken>>" },
    });
  });

  test.each(knownStacks())("every one that %s uses is described", (stack) => {
    const { specs } = { specs: planEstate(loadEnvironment(stack), read(GOOD).settings).secrets };
    const keys = specs.flatMap((spec) => (spec.kind === "configured" ? [spec.configKey] : []));
    for (const key of keys) expect(Object.keys(SECRET_CONFIG)).toContain(key);
  });
});

describe("stacks", () => {
  test("an unknown one is answered with those that there are", () => {
    const all = knownStacks().join(", ");
    expect(() => loadEnvironment("prdo")).toThrow(
      `stack: found "prdo"; allowed: ${all}; fix: write "prod"; or make a new one`,
    );
  });
  test("a stack's full name on Pulumi Cloud is fine", () => {
    expect(loadEnvironment("keybuzz/keybuzz/prod").name).toBe("prod");
  });
});

describe("consent", () => {
  test("lifts the protection of what it names, and of all by the stack's name", () => {
    const environment = loadEnvironment("prod");
    const { settings } = read(GOOD);
    const plan = (consentToDelete: readonly string[]) => planEstate(environment, { ...settings, consentToDelete });
    expect([plan([]).isProtected("redis-01"), plan([]).isProtected("lb-data")]).toEqual([true, true]);
    expect([plan(["redis-01"]).isProtected("redis-01"), plan(["redis-01"]).isProtected("redis-02")]).toEqual([
      false,
      true,
    ]);
    expect(plan(["prod"]).isProtected("redis-02")).toBe(false);
  });

  test("to one of three masters, the first included; never to two at once", () => {
    const environment = loadEnvironment("prod");
    const { settings } = read(GOOD);
    const plan = (...consentToDelete: readonly string[]) => planEstate(environment, { ...settings, consentToDelete });
    expect(plan("k3s-master-01").isProtected("k3s-master-01")).toBe(false);
    expect(plan("k3s-master-03", "db-slave-02", "minio-01").isProtected("minio-01")).toBe(false);
    expect(() => plan("k3s-master-01", "k3s-master-03", "redis-01", "redis-02")).toThrow(
      /^stack prod has 2 mistakes:.*found \["k3s-master-01","k3s-master-03"\], 2 of 3 with role "k3sServer" at once; allowed: no more than 1.*redis/s,
    );
    expect(() => plan("prod", "k3s-master-01", "k3s-master-03")).not.toThrow();
    // One that is no longer wanted is no member any more.
    expect(() => plan("k3s-master-01", "k3s-master-04")).not.toThrow();
  });

  test("to a machine that stands alone", () => {
    const environment = loadEnvironment("local");
    const { settings } = read(GOOD);
    expect(() => planEstate(environment, { ...settings, consentToDelete: ["k3s-master-01"] })).not.toThrow();
  });
});

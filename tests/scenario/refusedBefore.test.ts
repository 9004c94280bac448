import { CloudView, type Row } from "./support/cloudView";
import { Stand } from "./support/stand";

// Changes that a preview by itself takes, and that Hetzner refuses, some of them once others are made: each is told before
// anything is registered, and the cloud stays as it was.
const LIMIT = 300_000;
const STACK = ["--stack", "staging"] as const;
const FILE = "stacks/staging.ts";
const KINDS = ["servers", "networks", "load_balancers", "firewalls", "placement_groups", "primary_ips"];

describe("changes that Hetzner would refuse", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  /** Everything of Hetzner's, but what no run decides. */
  const inventory = async (): Promise<string> => {
    const view = await CloudView.open(stand, "staging");
    const lists: (readonly Row[])[] = [];
    for (const kind of KINDS) lists.push(await view.hetzner(kind));
    await view.close();
    return JSON.stringify(lists);
  };
  let before = "";

  test(
    "the estate as it stands; the next up is told nothing",
    async () => {
      expect((await stand.run("up", ...STACK)).code).toBe(0);
      before = await inventory();
      const { code, document } = await stand.document("up", ...STACK);
      expect([code, document.summary]).toEqual([
        0,
        expect.objectContaining({ create: 0, update: 0, replace: 0, delete: 0 }) as object,
      ]);
    },
    LIMIT,
  );

  const cases: readonly (readonly [what: string, from: string, to: string, told: string, ...faults: string[]])[] = [
    [
      "another machine at the address of one that lives",
      '{ name: "staging-redis-01"',
      '{ name: "staging-redis-02"',
      'hosts[6] (staging-redis-02).address: found "10.1.0.123" for staging-redis-02, which staging-redis-01 has',
    ],
    [
      "a smaller disk",
      'address: "10.1.0.120", serverType: "cx33"',
      'address: "10.1.0.120", serverType: "cx23"',
      "its disk of 80 GB does not fit 40 GB",
    ],
    [
      "a type that is sold out",
      'address: "10.1.0.120", serverType: "cx33"',
      'address: "10.1.0.120", serverType: "cx53"',
      "which is a cx33: sold out in nbg1 now",
      "sold-out:cx53",
    ],
    [
      "another location",
      'address: "10.1.0.110", serverType: "cx43"',
      'address: "10.1.0.110", serverType: "cx43", location: "fsn1"',
      'hosts[3] (staging-k3s-worker-01).location: found "fsn1", while staging-k3s-worker-01 is in nbg1',
    ],
    ["another image", 'image: "ubuntu-24.04"', 'image: "ubuntu-22.04"', 'image: found "ubuntu-22.04", while staging-'],
    [
      "a second member, for which the first would have to join a group while it runs",
      '    { name: "staging-queue-01"',
      '    { name: "staging-haproxy-02", role: "haproxy", address: "10.1.0.12", serverType: "cx23" },\n    { name: "staging-queue-01"',
      "staging-haproxy-01, which runs in no placement group",
    ],
    [
      "another range",
      'subnetCidr: "10.1.0.0/16"',
      'subnetCidr: "10.1.0.0/17"',
      "while network keybuzz-staging has 10.1.0.0/16",
    ],
  ];
  test.each(cases)(
    "%s: told before anything is registered",
    async (_what, from, to, told, ...faults) => {
      stand.edit(FILE, from, to);
      const { code, document } = await stand.document("up", ...STACK, ...faults.flatMap((fault) => ["--fault", fault]));
      stand.edit(FILE, to, from);
      expect(document.errors.join("\n")).toContain(told);
      expect(code).toBe(1);
      expect(document.resources.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
    },
    LIMIT,
  );

  test(
    "a preview is told the same; and after all of them the cloud is as it was",
    async () => {
      const [, , from, to, told] = ["", ...(cases[1] ?? [])];
      stand.edit(FILE, from ?? "", to ?? "");
      const { code, document } = await stand.document("preview", ...STACK);
      stand.edit(FILE, to ?? "", from ?? "");
      expect([code, document.errors.join("\n")]).toEqual([1, expect.stringContaining(told ?? "") as string]);
      expect(await inventory()).toBe(before);
    },
    LIMIT,
  );
});

describe("a project with less room than the estate needs", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  test(
    "the limit is known: nothing is made; it is not: the preview says so",
    async () => {
      const config = "config:\n  keybuzz:serverLimit: 9";
      stand.edit("Pulumi.staging.yaml", "config: {}", config);
      const known = await stand.document("up", ...STACK, "--fault", "quota:servers=9");
      stand.edit("Pulumi.staging.yaml", config, "config: {}");
      expect(known.code).toBe(1);
      expect(known.document.errors.join("\n")).toContain(
        "keybuzz:serverLimit: found 9, where 0 servers are there and 10 are to be made",
      );
      expect(known.document.resources.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
      const unknown = await stand.document("preview", ...STACK);
      expect(unknown.stderr).toContain("10 servers are to be made where there are 0. No API tells");
    },
    LIMIT,
  );

  test(
    "another stack is there: one a project",
    async () => {
      const view = await CloudView.open(stand, "staging");
      await view.post("firewalls", { name: "bastion", labels: { project: "keybuzz", stack: "prod" } });
      await view.close();
      const { code, document } = await stand.document("up", ...STACK);
      expect(code).toBe(1);
      expect(document.errors.join("\n")).toContain(
        "hcloud:token: found a Hetzner project that holds stack prod (1 firewalls); allowed: one stack a project",
      );
      expect(document.resources.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
    },
    LIMIT,
  );
});

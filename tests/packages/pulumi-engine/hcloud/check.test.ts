import { hcloudProvider } from "@standin/pulumi-engine/providers/hcloud";
import { Harness, typeToken, UNKNOWN, type ResourceState } from "./harness";

const h = new Harness();
beforeAll(() => h.start());
afterAll(() => h.dispose());

test("every mistake of the inputs at once: unknown, missing, mistyped, at any depth", async () => {
  expect(
    await h.failures("server", {
      severType: "cx23",
      image: ["ubuntu"],
      backups: "perhaps",
      labels: { role: ["db"] },
      firewallIds: ["one"],
      networks: [{ networkId: 1, adress: "10.0.0.1" }, { ip: "10.0.0.2" }],
      userData: "x".repeat(32 * 1024 + 1),
    }),
  ).toEqual({
    severType: expect.stringMatching(/^is no property here; there are .*serverType/) as string,
    serverType: "is required and missing",
    image: "must be a string, found a list",
    backups: "must be true or false, found a string",
    'labels["role"]': "must be a string, found a list",
    "firewallIds[0]": "must be a whole number, found a string",
    "networks[0].adress": expect.stringMatching(/^is no property here/) as string,
    userData: "must be at most 32 KiB, found 32769 bytes",
  });
});

test.each([
  [
    "loadBalancerService",
    { loadBalancerId: "1", protocol: "http", http: { timeoutIdle: 29 } },
    { "http.timeoutIdle": "must be 30 to 300, found 29" },
  ],
  [
    "loadBalancerService",
    { loadBalancerId: "1", protocol: "tcp", listenPort: 70000 },
    { listenPort: "must be 1 to 65535, found 70000", destinationPort: "must be given for protocol tcp" },
  ],
  [
    "loadBalancerTarget",
    { loadBalancerId: 1, type: "server", serverId: 1, labelSelector: "a" },
    { serverId: "exactly one of serverId, labelSelector, ip must be given, serverId and labelSelector are" },
  ],
  [
    "loadBalancerTarget",
    { loadBalancerId: 1, type: "machine", ip: "1.2.3.4" },
    { type: 'must be one of server, label_selector, ip, found "machine"' },
  ],
  [
    "loadBalancerNetwork",
    { loadBalancerId: 1 },
    { networkId: "exactly one of networkId, subnetId must be given, none is" },
  ],
  ["zone", { name: "a.org", mode: "secondary" }, { primaryNameservers: "must be given when mode is secondary" }],
  [
    "primaryIp",
    { type: "ipv4", location: "fsn1", datacenter: "fsn1-dc14" },
    { datacenter: "was removed from the Hetzner API, use location" },
  ],
  [
    "networkSubnet",
    {},
    {
      networkId: "is required and missing",
      type: "is required and missing",
      networkZone: "is required and missing",
      ipRange: "is required and missing",
    },
  ],
])("%s with %j is refused", async (type, inputs, expected) => {
  expect(await h.failures(type, inputs)).toEqual(expected);
});

test("what is not known yet is not judged", async () => {
  expect(
    await h.failures("loadBalancerTarget", {
      loadBalancerId: UNKNOWN,
      type: "server",
      serverId: UNKNOWN,
      usePrivateIp: true,
    }),
  ).toEqual({});
  expect(
    await h.failures("server", { serverType: UNKNOWN, networks: [{ networkId: UNKNOWN }], userData: UNKNOWN }),
  ).toEqual({});
});

test("defaults as the real provider fills them in; a name that stays", async () => {
  const ctx = h.context("server", "web");
  const first = (
    await h.provider.check(
      ctx,
      { serverType: "cx23", networks: [{ networkId: "7" }], publicNets: [{ ipv6Enabled: false }] },
      undefined,
    )
  ).inputs;
  expect(first).toEqual({
    __defaults: ["name"],
    name: expect.stringMatching(/^web-[0-9a-f]{7}$/) as string,
    serverType: "cx23",
    networks: [{ networkId: 7, aliasIps: [] }],
    publicNets: [{ ipv4Enabled: true, ipv6Enabled: false }],
    // No "backups: false": the real provider does not write defaults of false into the inputs.
  });
  expect((await h.provider.check(ctx, { serverType: "cx33" }, first)).inputs["name"]).toBe(first["name"]);
  expect((await h.provider.check(ctx, { serverType: "cx33" }, undefined)).inputs["name"]).not.toBe(first["name"]);
});

/** As the state has it after a create. */
const state = (inputs: ResourceState["inputs"], outputs: ResourceState["inputs"] = {}): ResourceState => ({
  id: "1",
  inputs,
  outputs: { ...inputs, ...outputs },
});

test("what replaces a resource, and what does not", async () => {
  const server = state({ name: "a", serverType: "cx23", image: "debian-12", userData: "a", sshKeys: ["1"] });
  expect(
    await h.diff("server", server, {
      image: "ubuntu-24.04",
      serverType: "cx33",
      userData: "b",
      sshKeys: ["2"],
      name: "b",
      labels: { a: "b" },
    }),
  ).toEqual([
    "image: update, replace",
    "labels.a: add",
    "name: update",
    "serverType: update",
    "sshKeys[0]: update, replace",
    "userData: update, replace",
  ]);
  expect(await h.diff("network", state({ ipRange: "10.0.0.0/16" }), { ipRange: "10.0.0.0/8" })).toEqual([
    "ipRange: update, replace",
  ]);
  expect(
    await h.diff("loadBalancerService", state({ protocol: "tcp", listenPort: 1, destinationPort: 1 }), {
      listenPort: 2,
      destinationPort: 3,
    }),
  ).toEqual(["destinationPort: update", "listenPort: update, replace"]);
});

test("a named type goes before its replacement comes, but for those of the newer kit; a drawn name comes first", async () => {
  const first = async (type: string, before: ResourceState["inputs"], after: ResourceState["inputs"]) =>
    (await h.provider.diff(h.context(type, "x"), state(before), { ...before, ...after })).deleteBeforeReplace;
  const server = { name: "a", serverType: "cx23", location: "fsn1" };
  expect(await first("server", server, { location: "nbg1" })).toBe(true);
  expect(await first("server", server, { serverType: "cx33" })).toBe(false);
  expect(await first("server", { ...server, __defaults: ["name"] }, { location: "nbg1" })).toBe(false);
  expect(await first("primaryIp", { name: "a", type: "ipv4", location: "fsn1" }, { location: "nbg1" })).toBe(false);
  expect(await first("networkRoute", { networkId: 1, destination: "0.0.0.0/0", gateway: "a" }, { gateway: "b" })).toBe(
    false,
  );
});

test("the state counts, not what the inputs were: what is as wanted already is no change", async () => {
  const drifted = state({ name: "a", ipRange: "10.0.0.0/16", labels: { a: "b" } }, { labels: { a: "c" } });
  expect(await h.diff("network", drifted, {})).toEqual(["labels.a: update"]);
  expect(await h.diff("network", drifted, { labels: { a: "c" } })).toEqual([]);
  const protectedNow = state({ name: "a", ipRange: "10.0.0.0/16" }, { deleteProtection: true });
  expect(await h.diff("network", protectedNow, {})).toEqual(["deleteProtection: update"]);
});

test("user data is compared by its hash, as the state keeps it", async () => {
  const hash = "u6Nz0vHksNVXstIgiKrpwo0aItM=";
  const server = state({ name: "a", serverType: "cx23", userData: "#cloud-config\n{}" }, { userData: hash });
  expect(await h.diff("server", server, {})).toEqual([]);
  expect(await h.diff("server", server, { userData: "#cloud-config\n{ }" })).toEqual(["userData: update, replace"]);
});

test("another order within a set is no change", async () => {
  const rule = (port: string, ...sourceIps: string[]) => ({ direction: "in", protocol: "tcp", port, sourceIps });
  const old = state({ name: "fw", rules: [rule("22", "10.0.0.0/8", "192.168.0.0/16"), rule("80", "0.0.0.0/0")] });
  const moved = { name: "other", rules: [rule("80", "0.0.0.0/0"), rule("22", "192.168.0.0/16", "10.0.0.0/8")] };
  expect(await h.diff("firewall", old, moved)).toEqual(["name: update"]);
  expect(await h.diff("firewall", old, { rules: [rule("80", "0.0.0.0/0"), rule("23", "10.0.0.0/8")] })).toEqual([
    "rules[0]: delete",
    "rules[1]: add",
  ]);
  // SSH keys and status codes are lists: there the order counts.
  const keys = state({ name: "s", serverType: "cx23", sshKeys: ["1", "2"] });
  expect(await h.diff("server", keys, { sshKeys: ["2", "1"] })).toEqual([
    "sshKeys[0]: update, replace",
    "sshKeys[1]: update, replace",
  ]);
});

test("a preview knows what is given, and touches nothing", async () => {
  const preview = { preview: true };
  const before = h.cloud.running.snapshot();
  const attachment = await h.provider.create(h.context("loadBalancerNetwork", "a", preview), {
    loadBalancerId: UNKNOWN,
    networkId: UNKNOWN,
    ip: "10.0.0.10",
  });
  expect(attachment).toEqual({
    id: "",
    outputs: {
      loadBalancerId: UNKNOWN,
      networkId: UNKNOWN,
      ip: "10.0.0.10",
      enablePublicInterface: true,
    },
  });
  const server = await h.provider.create(h.context("server", "s", preview), { name: "db-01", serverType: "cx23" });
  expect(server.outputs).toMatchObject({
    name: "db-01",
    serverType: "cx23",
    ipv4Address: UNKNOWN,
    status: UNKNOWN,
    backups: false,
  });
  expect(
    await h.provider.update(h.context("server", "s", preview), state({ name: "a", location: "fsn1" }), { name: "b" }),
  ).toMatchObject({ name: "b", location: "fsn1" });
  expect(h.cloud.running.snapshot()).toEqual(before);
});

test("a type and a function that are not there fail clearly", async () => {
  const ctx = { ...h.context("server", "x"), type: "hcloud:index/storageBox:StorageBox" };
  await expect(h.provider.create(ctx, {})).rejects.toThrow(
    /has no hcloud:index\/storageBox:StorageBox; it has .*Server/,
  );
  await expect(h.provider.invoke("hcloud:index/getServer:getServer", {})).rejects.toThrow(/getServer is not available/);
  expect(() => h.provider.secretOutputs(typeToken("nothing"))).toThrow(/has no/);
});

test("settings: every mistake at once, never the token; the environment fills in", async () => {
  const token = "s3cret";
  const mistakes = hcloudProvider({ token, endpoint: "no url", pollInterval: "soon" });
  await expect(mistakes).rejects.toThrow(/6 characters[^]*no URL[^]*no duration/);
  await expect(mistakes).rejects.not.toThrow(token);
  const names = ["HCLOUD_TOKEN", "HCLOUD_ENDPOINT", "HCLOUD_POLL_INTERVAL"] as const;
  const saved = names.map((name) => process.env[name]);
  try {
    for (const name of names) delete process.env[name];
    await expect(hcloudProvider({})).rejects.toThrow(/token is missing[^]*endpoint is missing/);
    [process.env["HCLOUD_TOKEN"], process.env["HCLOUD_ENDPOINT"], process.env["HCLOUD_POLL_INTERVAL"]] = [
      "t".repeat(64),
      "http://127.0.0.1:1/v1",
      "1s",
    ];
    await (await hcloudProvider({})).close();
  } finally {
    names.forEach((name, index) => {
      const value = saved[index];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    });
  }
});

import { PUBLIC_KEY } from "../../hetzner-api/support/testCloud";
import { certificatePair } from "../../hetzner-api/support/certificatePair";
import { importIdOf, typeOf } from "./estateTypes";
import { Harness, type ResourceState } from "./harness";

const h = new Harness();
beforeAll(() => h.start());
afterAll(() => h.dispose());

const kept = new Map<string, ResourceState>();
const of = (name: string): ResourceState => kept.get(name) as ResourceState;
const idOf = (name: string): number => Number(of(name).id);
async function make(type: string, name: string, inputs: Parameters<Harness["make"]>[2]): Promise<ResourceState> {
  const state = await h.make(type, name, inputs);
  kept.set(name, state);
  return state;
}

test("network, subnet and route", async () => {
  const network = await make("network", "net", { ipRange: "10.0.0.0/16", labels: { stack: "test" } });
  expect(network.outputs).toEqual({
    name: network.inputs["name"],
    ipRange: "10.0.0.0/16",
    labels: { stack: "test" },
    deleteProtection: false,
    exposeRoutesToVswitch: false,
  });
  expect(network.inputs["name"]).toMatch(/^net-[0-9a-f]{7}$/);
  // The engine passes the id, a string, where the schema wants a number.
  const subnet = await make("networkSubnet", "subnet", {
    networkId: network.id,
    type: "cloud",
    networkZone: "eu-central",
    ipRange: "10.0.0.0/16",
  });
  expect(subnet.id).toBe(`${network.id}-10.0.0.0/16`);
  expect(subnet.outputs).toMatchObject({ networkId: Number(network.id), gateway: "10.0.0.1" });
  const route = await make("networkRoute", "route", {
    networkId: network.id,
    destination: "0.0.0.0/0",
    gateway: "10.0.0.9",
  });
  expect(route.id).toBe(`${network.id}-0.0.0.0/0`);
});

test("ssh key, placement group and firewall", async () => {
  const key = await make("sshKey", "key", { publicKey: PUBLIC_KEY });
  expect(key.outputs["fingerprint"]).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
  const group = await make("placementGroup", "group", { type: "spread" });
  expect(group.outputs["servers"]).toEqual([]);
  const rule = { direction: "in", protocol: "tcp", port: "22", description: "operators" };
  const firewall = await make("firewall", "fw", { rules: [{ ...rule, sourceIps: ["198.51.100.1", "2001:db8::/32"] }] });
  expect(firewall.outputs["rules"]).toEqual([
    { ...rule, sourceIps: ["198.51.100.1/32", "2001:db8::/32"], destinationIps: [] },
  ]);
});

test("a server with a public address, and a private one: attached before its first boot", async () => {
  const bastion = await make("server", "bastion", {
    name: "bastion-01",
    serverType: "cx23",
    image: "ubuntu-24.04",
    location: "fsn1",
    sshKeys: [of("key").id],
    userData: "#cloud-config\n",
    firewallIds: [of("fw").id],
    placementGroupId: of("group").id,
    networks: [{ networkId: of("net").id, ip: "10.0.0.9" }],
    publicNets: [{ ipv4Enabled: true, ipv6Enabled: false }],
  });
  expect(bastion.outputs).toMatchObject({
    status: "running",
    ipv4Address: "127.0.0.1",
    ipv6Address: "",
    location: "fsn1",
    image: "ubuntu-24.04",
    firewallIds: [idOf("fw")],
    placementGroupId: idOf("group"),
    backups: false,
    primaryDiskSize: 40,
  });
  expect(bastion.outputs["networks"]).toEqual([
    {
      networkId: idOf("net"),
      subnetId: "",
      ip: "10.0.0.9",
      aliasIps: [],
      macAddress: expect.stringMatching(/^86:00/) as string,
    },
  ]);
  expect(bastion.outputs["userData"]).toBe("wK9leoEi2xH7hUH5D+q3hxwsPXE=");
  await make("server", "db", {
    name: "db-01",
    serverType: "cx23",
    image: "debian-12",
    location: "fsn1",
    networks: [{ networkId: of("net").id, ip: "10.0.0.120" }],
    publicNets: [{ ipv4Enabled: false, ipv6Enabled: false }],
    deleteProtection: true,
  });
  expect(of("db").outputs).toMatchObject({ status: "running", ipv4Address: "", deleteProtection: true });
  const calls = h.cloud.machines.calls.filter((call) => call.endsWith("db-01"));
  expect(calls).toEqual(["create db-01"]);
  expect(h.cloud.machines.specs.get(idOf("db"))?.privateAddresses.map((net) => net.address)).toEqual(["10.0.0.120"]);
});

test("load balancer: attachment, service, target", async () => {
  const balancer = await make("loadBalancer", "lb", {
    loadBalancerType: "lb11",
    networkZone: "eu-central",
    algorithm: { type: "round_robin" },
  });
  expect(balancer.outputs).toMatchObject({
    networkZone: "eu-central",
    algorithm: { type: "round_robin" },
    ipv4: expect.stringMatching(/^203\.0\.113\./) as string,
  });
  const attachment = await make("loadBalancerNetwork", "lb-net", {
    loadBalancerId: balancer.id,
    subnetId: of("subnet").id,
    ip: "10.0.0.10",
    enablePublicInterface: false,
  });
  expect(attachment.id).toBe(`${balancer.id}-${of("net").id}`);
  expect(attachment.outputs).toMatchObject({ networkId: idOf("net"), ip: "10.0.0.10", enablePublicInterface: false });
  const service = await make("loadBalancerService", "lb-pg", {
    loadBalancerId: balancer.id,
    protocol: "tcp",
    listenPort: 5432,
    destinationPort: 5432,
    healthCheck: { protocol: "tcp", port: 5432, interval: 5, timeout: 3, retries: 2 },
  });
  expect(service.id).toBe(`${balancer.id}__5432`);
  expect(service.outputs).toMatchObject({
    proxyprotocol: false,
    healthCheck: { protocol: "tcp", port: 5432, interval: 5, timeout: 3, retries: 2 },
  });
  const target = await make("loadBalancerTarget", "lb-target", {
    loadBalancerId: balancer.id,
    type: "server",
    serverId: of("db").id,
    usePrivateIp: true,
  });
  expect(target.id).toBe(`lb-srv-tgt-${of("db").id}-${balancer.id}`);
});

test("zone, record sets and reverse names", async () => {
  const zone = await make("zone", "zone", { name: "example.org", mode: "primary", ttl: 300 });
  expect(zone.outputs["authoritativeNameservers"]).toEqual({
    assigneds: expect.arrayContaining(["hydrogen.ns.hetzner.com."]) as string[],
  });
  const rrset = await make("zoneRrset", "www", {
    zone: "example.org",
    name: "www",
    type: "A",
    ttl: 60,
    records: [{ value: "203.0.113.1" }, { value: "203.0.113.2", comment: "two" }],
  });
  expect(rrset.id).toBe("www/A");
  expect(rrset.outputs["records"]).toEqual([{ value: "203.0.113.1" }, { value: "203.0.113.2", comment: "two" }]);
  const rdns = await make("rdns", "rdns", {
    loadBalancerId: of("lb").id,
    ipAddress: of("lb").outputs["ipv4"] as string,
    dnsPtr: "lb.example.org",
  });
  expect(rdns.id).toBe(`l-${of("lb").id}-${of("lb").outputs["ipv4"] as string}`);
  await make("rdns", "rdns-server", {
    serverId: of("bastion").id,
    ipAddress: "127.0.0.1",
    dnsPtr: "bastion.example.org",
  });
});

test("certificates, uploaded (the key is always secret) and managed; an HTTPS service", async () => {
  const uploaded = await make("uploadedCertificate", "uploaded", await certificatePair());
  expect(uploaded.outputs).toMatchObject({ type: "uploaded", domainNames: ["www.example.org"] });
  expect(h.provider.secretOutputs("hcloud:index/uploadedCertificate:UploadedCertificate")).toEqual(["privateKey"]);
  h.cloud.running.delegate("example.org", true);
  const managed = await make("managedCertificate", "managed", { domainNames: ["www.example.org"] });
  expect(managed.outputs["certificate"]).toMatch(/BEGIN CERTIFICATE/);
  const service = await make("loadBalancerService", "https", {
    loadBalancerId: of("lb").id,
    protocol: "https",
    destinationPort: 31695,
    http: { certificates: [uploaded.id, managed.id], redirectHttp: true, timeoutIdle: 300 },
  });
  expect(service.id).toBe(`${of("lb").id}__443`);
  expect(service.outputs["http"]).toMatchObject({
    certificates: [Number(uploaded.id), Number(managed.id)],
    redirectHttp: true,
    timeoutIdle: 300,
    cookieName: "HCLBSTICKY",
  });
});

test("primary IP", async () => {
  const ip = await make("primaryIp", "ip", { name: "ip", type: "ipv4", location: "fsn1" });
  expect(ip.outputs).toMatchObject({ assigneeId: 0, assigneeType: "server", autoDelete: false });
});

test("everything reads back as it was made: by refresh, and by import", async () => {
  for (const [name, state] of kept) {
    const type = typeOf(name);
    const ctx = h.context(type, name);
    const refreshed = await h.provider.read(ctx, state.id, state);
    expect([name, refreshed?.id, refreshed?.inputs]).toEqual([name, state.id, state.inputs]);
    const imported = await h.provider.read(ctx, importIdOf(name, state), undefined);
    expect([name, imported?.id]).toEqual([name, state.id]);
    // What the state alone knows is not there after an import.
    for (const key of Object.keys(imported?.inputs ?? {})) expect(state.outputs).toHaveProperty([key]);
  }
});

test("updates in place reach the cloud; nothing else changes", async () => {
  const cases: [type: string, name: string, changes: ResourceState["inputs"]][] = [
    ["network", "net", { labels: { stack: "other" }, deleteProtection: true }],
    ["server", "db", { labels: { role: "db" }, deleteProtection: false, serverType: "cx33" }],
    [
      "server",
      "bastion",
      {
        name: "bastion-02",
        firewallIds: [],
        networks: [{ networkId: idOf("net"), ip: "10.0.0.9", aliasIps: ["10.0.0.99"] }],
      },
    ],
    ["firewall", "fw", { rules: [{ direction: "out", protocol: "icmp", destinationIps: ["0.0.0.0/0"] }] }],
    ["loadBalancer", "lb", { loadBalancerType: "lb21", algorithm: { type: "least_connections" } }],
    ["loadBalancerNetwork", "lb-net", { enablePublicInterface: true }],
    [
      "loadBalancerService",
      "https",
      { http: { certificates: [idOf("uploaded")], redirectHttp: false, timeoutIdle: 60 } },
    ],
    ["zone", "zone", { ttl: 600, deleteProtection: true }],
    ["zoneRrset", "www", { ttl: 120, records: [{ value: "203.0.113.9" }] }],
    ["rdns", "rdns", { dnsPtr: "other.example.org" }],
    ["primaryIp", "ip", { name: "renamed", deleteProtection: true }],
    ["loadBalancerTarget", "lb-target", { usePrivateIp: false }],
  ];
  for (const [type, name, changes] of cases) {
    const after = await h.change(type, name, of(name), changes);
    kept.set(name, after);
    const seen = await h.provider.read(h.context(type, name), after.id, after);
    expect([name, seen?.inputs]).toEqual([name, after.inputs]);
  }
  const { body } = await h.cloud.get(`/servers/${of("db").id}`);
  // The provider powers off hard for another type, and does not power on: Hetzner does.
  expect(body.server).toMatchObject({ status: "running", server_type: { name: "cx33" }, labels: { role: "db" } });
});

test("no update is sent where nothing differs", async () => {
  const actions = async () => (await h.cloud.get("/servers/actions")).body.meta.pagination.total_entries;
  const balancers = async () => (await h.cloud.get("/load_balancers/actions")).body.meta.pagination.total_entries;
  const before = [await actions(), await balancers()];
  for (const name of ["db", "bastion", "lb", "lb-net", "www", "fw"]) await h.change(typeOf(name), name, of(name), {});
  expect([await actions(), await balancers()]).toEqual(before);
  // But for these: the provider sends them whole. The engine asks only where something differs, or had failed.
  for (const name of ["https", "lb-pg"]) await h.change(typeOf(name), name, of(name), {});
  expect(await balancers()).toBe((before[1] ?? 0) + 2);
});

test("deletes in reverse leave nothing; each once more is no error, but for a server", async () => {
  for (const [name, changes] of [
    ["net", { deleteProtection: false }],
    ["zone", { deleteProtection: false }],
    ["ip", { deleteProtection: false }],
  ] as const) {
    kept.set(name, await h.change(typeOf(name), name, of(name), changes));
  }
  for (const [name, state] of [...kept].reverse()) {
    await h.remove(typeOf(name), state);
    const left = await h.provider.read(h.context(typeOf(name), name), state.id, state);
    // An address always has some reverse name; without ours it is the default one again.
    if (typeOf(name) === "rdns")
      expect(left?.outputs["dnsPtr"] ?? "clients.your-server.de").toMatch(/clients\.your-server\.de$/);
    else expect([name, left]).toEqual([name, undefined]);
    const again = h.remove(typeOf(name), state);
    if (typeOf(name) === "server") await expect(again).rejects.toThrow(/not_found/);
    else await again;
  }
  for (const [kind, rows] of Object.entries(h.cloud.running.snapshot())) expect([kind, rows]).toEqual([kind, []]);
});

import { Harness, type Properties, type ResourceState } from "./harness";

const h = new Harness();
beforeAll(() => h.start());
afterAll(() => h.dispose());

const recover = async (type: string, news: Properties): Promise<{ id: string; outputs: Properties } | undefined> => {
  const ctx = h.context(type, "recovered");
  return h.provider.recover(ctx, (await h.provider.check(ctx, news, undefined)).inputs);
};

let network: ResourceState;

test("nothing was left: undefined", async () => {
  network = await h.make("network", "net", { name: "net", ipRange: "10.0.0.0/16" });
  expect(await recover("server", { name: "none", serverType: "cx23", image: "debian-12" })).toBeUndefined();
  expect(
    await recover("networkSubnet", {
      networkId: network.id,
      type: "cloud",
      networkZone: "eu-central",
      ipRange: "10.0.0.0/16",
    }),
  ).toBeUndefined();
  await h.make("networkSubnet", "subnet", {
    networkId: network.id,
    type: "cloud",
    networkZone: "eu-central",
    ipRange: "10.0.0.0/16",
  });
});

test("a private server cut off before its attachment is found, attached, and powered on", async () => {
  const inputs = {
    name: "db-01",
    serverType: "cx23",
    image: "debian-12",
    location: "fsn1",
    deleteProtection: true,
    networks: [{ networkId: network.id, ip: "10.0.0.120" }],
    publicNets: [{ ipv4Enabled: false, ipv6Enabled: false }],
  };
  // What the provider sends first, and no more.
  const body = {
    name: "db-01",
    server_type: "cx23",
    image: "debian-12",
    location: "fsn1",
    start_after_create: false,
    public_net: { enable_ipv4: false, enable_ipv6: false },
  };
  const { server } = await h.cloud.post("/servers", body);
  const found = await recover("server", inputs);
  expect(found?.id).toBe(String(server.id));
  expect(found?.outputs).toMatchObject({ status: "running", deleteProtection: true });
  expect(h.cloud.machines.specs.get(server.id)?.privateAddresses[0]?.address).toBe("10.0.0.120");
  expect(h.cloud.running.snapshot()["servers"]).toHaveLength(1);
});

test("attachments, services and records are found by parent and key", async () => {
  const { load_balancer: balancer } = await h.cloud.post("/load_balancers", {
    name: "lb",
    load_balancer_type: "lb11",
    location: "fsn1",
    network: Number(network.id),
    services: [{ protocol: "tcp", listen_port: 80, destination_port: 80 }],
  });
  const id = balancer.id;
  expect((await recover("loadBalancer", { name: "lb", loadBalancerType: "lb11", location: "fsn1" }))?.id).toBe(
    String(id),
  );
  expect((await recover("loadBalancerNetwork", { loadBalancerId: id, networkId: network.id }))?.id).toBe(
    `${id}-${network.id}`,
  );
  expect(
    (await recover("loadBalancerService", { loadBalancerId: id, protocol: "tcp", listenPort: 80, destinationPort: 80 }))
      ?.id,
  ).toBe(`${id}__80`);
  expect(
    await recover("loadBalancerService", { loadBalancerId: id, protocol: "tcp", listenPort: 81, destinationPort: 81 }),
  ).toBeUndefined();
  await h.cloud.post("/zones", {
    name: "example.org",
    mode: "primary",
    rrsets: [{ name: "www", type: "A", records: [{ value: "203.0.113.1" }] }],
  });
  const rrset = await recover("zoneRrset", {
    zone: "example.org",
    name: "www",
    type: "A",
    ttl: 60,
    records: [{ value: "203.0.113.1" }],
  });
  expect(rrset?.outputs).toMatchObject({ ttl: 60 });
});

test("a resource of the same name that cannot be ours is not taken", async () => {
  expect(await recover("network", { name: "net", ipRange: "10.0.0.0/8" })).toBeUndefined();
  expect(
    await recover("server", { name: "db-01", serverType: "cx23", image: "ubuntu-24.04", location: "fsn1" }),
  ).toBeUndefined();
});

import { makeServer, TestCloud, type Resource } from "./support/testCloud";

const cloud = new TestCloud();
let network: number;
beforeAll(async () => {
  await cloud.start();
  const subnets = ["10.0.1.0/24", "10.0.2.0/29"].map((ip_range) => ({
    type: "cloud",
    ip_range,
    network_zone: "eu-central",
  }));
  network = (await cloud.post("/networks", { name: "net", ip_range: "10.0.0.0/16", subnets })).network.id;
});
afterAll(() => cloud.dispose());

const privateNet = async (server: number): Promise<Resource["private_net"][0]> =>
  (await cloud.get(`/servers/${server}`)).body.server.private_net[0];
const unattached = (name: string) => makeServer(cloud, name, network, { networks: [], start_after_create: false });

test("the gateway is the network's first address, for every subnet", async () => {
  const { body } = await cloud.get(`/networks/${network}`);
  expect(body.network.subnets.map((subnet) => subnet.gateway)).toEqual(["10.0.0.1", "10.0.0.1"]);
});

test("without a wish: the first free address of the last subnet, until it is full", async () => {
  const ips: string[] = [];
  for (let n = 0; n < 6; n++) ips.push((await privateNet(await makeServer(cloud, `auto-${n}`, network))).ip);
  expect(ips).toEqual(["10.0.2.1", "10.0.2.2", "10.0.2.3", "10.0.2.4", "10.0.2.5", "10.0.2.6"]);
  const late = await unattached("late");
  expect(await cloud.refusal("POST", `/servers/${late}/actions/attach_to_network`, { network })).toBe(
    "422 no_subnet_available",
  );
  await cloud.post(`/servers/${late}/actions/attach_to_network`, { network, ip_range: "10.0.1.0/24" });
  expect((await privateNet(late)).ip).toBe("10.0.1.1");
});

test("an address asked for is given, or refused with the reason", async () => {
  const server = await unattached("asking");
  const attach = `/servers/${server}/actions/attach_to_network`;
  expect(await cloud.refusal("POST", attach, { network, ip: "10.0.1.1" })).toBe("422 ip_not_available");
  expect(await cloud.refusal("POST", attach, { network, ip: "10.0.1.255" })).toBe("422 ip_not_available");
  expect(await cloud.refusal("POST", attach, { network, ip: "10.0.9.9" })).toBe("422 invalid_input");
  expect(await cloud.refusal("POST", attach, { network, ip: "10.0.1.7", alias_ips: ["10.0.1.7"] })).toBe(
    "422 ip_not_available",
  );
  await cloud.post(attach, { network, ip: "10.0.1.100", alias_ips: ["10.0.1.101"] });
  expect(await privateNet(server)).toMatchObject({ ip: "10.0.1.100", alias_ips: ["10.0.1.101"], network });
  expect(await cloud.refusal("POST", attach, { network })).toBe("422 server_already_attached");
  const { load_balancer: balancer } = await cloud.post("/load_balancers", {
    name: "lb",
    load_balancer_type: "lb11",
    location: "fsn1",
  });
  expect(
    await cloud.refusal("POST", `/load_balancers/${balancer.id}/actions/attach_to_network`, {
      network,
      ip: "10.0.1.101",
    }),
  ).toBe("422 ip_not_available");
});

test("the network's own gateway is reserved", async () => {
  const whole = { type: "cloud", ip_range: "10.9.0.0/24", network_zone: "eu-central" };
  const { network: other } = await cloud.post("/networks", {
    name: "whole",
    ip_range: "10.9.0.0/24",
    subnets: [whole],
  });
  const server = await unattached("second");
  expect(
    await cloud.refusal("POST", `/servers/${server}/actions/attach_to_network`, { network: other.id, ip: "10.9.0.1" }),
  ).toBe("422 ip_not_available");
  await cloud.post(`/servers/${server}/actions/attach_to_network`, { network: other.id });
  expect((await privateNet(server)).ip).toBe("10.9.0.2");
});

test.each([
  ["outside the network", { ip_range: "10.1.0.0/24" }],
  ["overlapping", { ip_range: "10.0.1.128/25" }],
  ["with host bits", { ip_range: "10.0.3.1/24" }],
  ["too small", { ip_range: "10.0.3.0/31" }],
  ["in an unknown zone", { ip_range: "10.0.3.0/24", network_zone: "moon" }],
  ["of an unknown type", { ip_range: "10.0.3.0/24", type: "virtual" }],
])("a subnet %s is refused", async (_why, fields) => {
  expect(
    await cloud.refusal("POST", `/networks/${network}/actions/add_subnet`, {
      type: "cloud",
      network_zone: "eu-central",
      ...fields,
    }),
  ).toBe("422 invalid_input");
});

test.each(["10.0.0.0/25", "8.8.8.0/24", "fd00::/64", "ten"])("a network of %s is refused", async (ip_range) => {
  expect(await cloud.refusal("POST", "/networks", { name: "bad", ip_range })).toBe("422 invalid_input");
});

test("routes: the gateway is in the network and not its own; destinations do not overlap; a default route is one", async () => {
  const add = `/networks/${network}/actions/add_route`;
  expect(await cloud.refusal("POST", add, { destination: "10.233.64.0/18", gateway: "10.0.0.1" })).toBe(
    "422 invalid_input",
  );
  expect(await cloud.refusal("POST", add, { destination: "10.233.64.0/18", gateway: "10.1.0.1" })).toBe(
    "422 invalid_input",
  );
  expect(await cloud.refusal("POST", add, { destination: "10.0.1.0/25", gateway: "10.0.2.1" })).toBe(
    "422 invalid_input",
  );
  await cloud.post(add, { destination: "0.0.0.0/0", gateway: "10.0.2.1" });
  expect(await cloud.refusal("POST", add, { destination: "0.0.0.0/0", gateway: "10.0.2.2" })).toBe("422 invalid_input");
  await cloud.post(add, { destination: "10.233.64.0/18", gateway: "10.0.2.1" });
  expect(await cloud.refusal("POST", add, { destination: "10.233.64.0/24", gateway: "10.0.2.1" })).toBe(
    "422 invalid_input",
  );
});

test("a server with a public interface is reached on the address the options choose; a primary IP is its address", async () => {
  const { primary_ip: ip } = await cloud.post("/primary_ips", { name: "ip", type: "ipv4", location: "fsn1" });
  const { server } = await cloud.post("/servers", {
    name: "public",
    server_type: "cx23",
    image: "debian-12",
    location: "fsn1",
    public_net: { enable_ipv4: true, enable_ipv6: false, ipv4: ip.id },
  });
  expect(server.public_net.ipv4).toMatchObject({ id: ip.id, ip: ip.ip });
  expect(server.public_net.ipv6).toBeNull();
  expect(ip.ip).toBe("127.0.0.1");
  expect(cloud.machines.specs.get(server.id)?.publicIpv4).toBe("127.0.0.1");
  expect(await cloud.refusal("DELETE", `/primary_ips/${ip.id}`)).toBe("422 must_be_unassigned");
  await cloud.settle((await cloud.call("DELETE", `/servers/${server.id}`)).body);
  expect((await cloud.get(`/primary_ips/${ip.id}`)).body.primary_ip.assignee_id).toBeNull();
});

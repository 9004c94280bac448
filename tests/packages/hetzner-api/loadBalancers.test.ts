import { makeNetwork, makeServer, TestCloud, type Resource } from "./support/testCloud";

const cloud = new TestCloud();
let network: number;
let server: number;
beforeAll(async () => {
  await cloud.start();
  network = await makeNetwork(cloud);
  server = await makeServer(cloud, "target", network, { labels: { role: "web" } });
});
afterAll(() => cloud.dispose());

let count = 0;
async function makeBalancer(more: object = {}): Promise<string> {
  const { load_balancer: balancer } = await cloud.post("/load_balancers", {
    name: `lb-${++count}`,
    load_balancer_type: "lb11",
    network_zone: "eu-central",
    ...more,
  });
  return `/load_balancers/${balancer.id}`;
}
const read = async (path: string): Promise<Resource> => (await cloud.get(path)).body.load_balancer;
const tcp = (port: number) => ({ protocol: "tcp", listen_port: port, destination_port: port });
const asTarget = (use_private_ip: boolean) => ({ type: "server", server: { id: server }, use_private_ip });

test("a new one has public addresses of the documentation ranges", async () => {
  const { public_net: net } = await read(await makeBalancer());
  expect(net.enabled).toBe(true);
  expect(net.ipv4.ip).toMatch(/^(203\.0\.113|198\.51\.100)\.\d+$/);
});

test("defaults of an HTTP service; a partial update keeps the rest", async () => {
  const path = await makeBalancer();
  await cloud.post(`${path}/actions/add_service`, { protocol: "http" });
  const check = {
    protocol: "http",
    port: 80,
    interval: 15,
    timeout: 10,
    retries: 3,
    http: { domain: "", path: "/", response: "", status_codes: ["2??", "3??"], tls: false },
  };
  const http = {
    cookie_name: "HCLBSTICKY",
    cookie_lifetime: 300,
    timeout_idle: 50,
    certificates: [],
    redirect_http: false,
    sticky_sessions: false,
  };
  expect((await read(path)).services).toEqual([
    { protocol: "http", listen_port: 80, destination_port: 80, proxyprotocol: false, health_check: check, http },
  ]);
  await cloud.post(`${path}/actions/update_service`, { listen_port: 80, http: { timeout_idle: 300 } });
  expect((await read(path)).services[0].http).toEqual({ ...http, timeout_idle: 300 });
});

test.each([
  ["29 s idle", { protocol: "http", http: { timeout_idle: 29 } }],
  ["301 s idle", { protocol: "http", http: { timeout_idle: 301 } }],
  ["interval of 2 s", { ...tcp(1), health_check: { interval: 2 } }],
  ["six retries", { ...tcp(1), health_check: { retries: 6 } }],
  ["HTTPS without certificate", { protocol: "https" }],
  ["HTTPS with an unknown certificate", { protocol: "https", http: { certificates: [1] } }],
  ["a redirect of plain HTTP", { protocol: "http", listen_port: 8080, http: { redirect_http: true } }],
  ["TCP without ports", { protocol: "tcp" }],
])("a service with %s is refused", async (_why, service) => {
  expect(await cloud.refusal("POST", `${await makeBalancer()}/actions/add_service`, service)).toBe("422 invalid_input");
});

test("limits of the type: services; a smaller type needs them to fit", async () => {
  const path = await makeBalancer();
  for (let port = 1; port <= 5; port++) await cloud.post(`${path}/actions/add_service`, tcp(port));
  expect(await cloud.refusal("POST", `${path}/actions/add_service`, tcp(6))).toBe("403 resource_limit_exceeded");
  await cloud.post(`${path}/actions/change_type`, { load_balancer_type: "lb21" });
  await cloud.post(`${path}/actions/add_service`, tcp(6));
  expect(await cloud.refusal("POST", `${path}/actions/change_type`, { load_balancer_type: "lb11" })).toBe(
    "422 invalid_load_balancer_type",
  );
  expect(await cloud.refusal("POST", `${path}/actions/add_service`, tcp(6))).toBe("422 source_port_already_used");
});

test("a private target needs both attachments, and its health follows the server", async () => {
  const path = await makeBalancer({ services: [tcp(5432)] });
  expect(await cloud.refusal("POST", `${path}/actions/add_target`, asTarget(true))).toBe(
    "422 load_balancer_not_attached_to_network",
  );
  await cloud.post(`${path}/actions/attach_to_network`, { network, ip: "10.0.0.10" });
  expect(await cloud.refusal("POST", `${path}/actions/attach_to_network`, { network })).toBe(
    "422 load_balancer_already_attached",
  );
  const alone = await makeServer(cloud, "alone", network, { networks: [], start_after_create: false });
  expect(await cloud.refusal("POST", `${path}/actions/add_target`, { ...asTarget(true), server: { id: alone } })).toBe(
    "422 server_not_attached_to_network",
  );
  await cloud.post(`${path}/actions/add_target`, asTarget(true));
  expect(await cloud.refusal("POST", `${path}/actions/add_target`, asTarget(true))).toBe("422 target_already_defined");
  expect((await read(path)).targets[0].health_status).toEqual([{ listen_port: 5432, status: "healthy" }]);
  await cloud.post(`/servers/${server}/actions/poweroff`);
  expect((await read(path)).targets[0].health_status).toEqual([{ listen_port: 5432, status: "unhealthy" }]);
  await cloud.post(`/servers/${server}/actions/poweron`);
});

test("label selector targets follow labels; without a public interface only private targets", async () => {
  const path = await makeBalancer({
    network,
    targets: [{ type: "label_selector", label_selector: { selector: "role=web" }, use_private_ip: true }],
  });
  const behind = async () => (await read(path)).targets[0].targets.map((target) => target.server.id);
  expect(await behind()).toEqual([server]);
  const second = await makeServer(cloud, "second", network);
  await cloud.call("PUT", `/servers/${second}`, { labels: { role: "web" } });
  expect(await behind()).toEqual([server, second]);
  await cloud.post(`${path}/actions/disable_public_interface`);
  expect(await cloud.refusal("POST", `${path}/actions/add_target`, asTarget(false))).toBe(
    "422 targets_without_use_private_ip",
  );
  expect(await cloud.refusal("POST", `${path}/actions/add_target`, { type: "ip", ip: { ip: "203.0.113.9" } })).toBe(
    "422 ip_not_owned",
  );
  expect(await cloud.refusal("POST", `${path}/actions/remove_target`, asTarget(true))).toBe(
    "422 load_balancer_target_not_found",
  );
});

test("made with Primary IPs that are there, it has their addresses for life; they outlive it", async () => {
  const primary = async (type: string, location = "fsn1"): Promise<number> =>
    (await cloud.post("/primary_ips", { name: `${type}-${location}`, type, location })).primary_ip.id;
  const [ipv4, ipv6, elsewhere] = [await primary("ipv4"), await primary("ipv6"), await primary("ipv4", "hel1")];
  const wish = (public_net: object) => ({ name: "own", load_balancer_type: "lb11", location: "fsn1", public_net });
  const refused = (public_net: object) => cloud.refusal("POST", "/load_balancers", wish(public_net));
  expect(await refused({ ipv4: ipv6 })).toBe("422 primary_ip_version_mismatch");
  expect(await refused({ ipv4: elsewhere })).toBe("422 primary_ip_datacenter_mismatch");
  const { load_balancer: made } = await cloud.post("/load_balancers", wish({ ipv4, ipv6 }));
  const address = (await cloud.get(`/primary_ips/${ipv4}`)).body.primary_ip;
  expect(made.public_net.ipv4).toMatchObject({ id: ipv4, ip: address.ip });
  expect(made.public_net.ipv6).toMatchObject({ id: ipv6 });
  expect(address).toMatchObject({ assignee_type: "load_balancer", assignee_id: made.id });
  const second = { ...wish({ ipv4 }), name: "second" };
  expect(await cloud.refusal("POST", "/load_balancers", second)).toBe("422 primary_ip_assigned");
  expect(await cloud.refusal("POST", `/primary_ips/${ipv4}/actions/unassign`)).toBe("422 unsupported_error");
  expect(await cloud.refusal("DELETE", `/primary_ips/${ipv4}`)).toBe("422 must_be_unassigned");
  const { status, body } = await cloud.call("DELETE", `/load_balancers/${made.id}`);
  expect([status, body.action.command]).toEqual([201, "delete_load_balancer"]);
  expect((await cloud.get(`/primary_ips/${ipv4}`)).body.primary_ip).toMatchObject({ assignee_id: null });
  expect((await cloud.post("/load_balancers", wish({ ipv4 }))).load_balancer.public_net.ipv4.ip).toBe(address.ip);
});

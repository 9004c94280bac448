import type { CloudContext } from "@standin/hetzner-api/model/context";
import { allRoutes } from "@standin/hetzner-api/routes/allRoutes";
import { certificatePair } from "./support/certificatePair";
import { contract, makeNetwork, makeServer, PUBLIC_KEY, TestCloud } from "./support/testCloud";

/** Operations of the contract that the local cloud does not serve, and why. */
const NOT_SERVED = [
  /floating_ips\/|POST \/floating_ips/, // nothing of the estate has floating IPs
  /isos\/\{id\}/, // no ISO exists
  /create_image|(PUT|DELETE) \/images|images\/.*actions/, // no snapshots
  /metrics/,
  /import_zonefile/,
];

/** Served, and refused here: no ISO exists to attach, a certificate is issued anew after a failure only, and datacenters are gone. */
const GONE = ["GET /datacenters", "GET /datacenters/{id}"];
const REFUSED = ["POST /certificates/{id}/actions/retry", ...GONE, "POST /servers/{id}/actions/attach_iso"];

/** Method and path of every route of the local cloud, with parameters as in the contract's names: "GET /servers/{}". */
function servedRoutes(): string[] {
  const routes: string[] = [];
  const add = (method: string) => (path: string) => void routes.push(`${method} ${path.replace(/:\w+/g, "{}")}`);
  const router = { get: add("GET"), post: add("POST"), put: add("PUT"), delete: add("DELETE") };
  // Registering a route looks at nothing of the cloud but its list of shelves.
  allRoutes(router, { shelves: new Map(), settings: {} } as unknown as CloudContext);
  return routes;
}

const unnamed = (operation: string): string => operation.replace(/\{\w+\}/g, "{}");

test("the local cloud has no route that Hetzner's contract does not have", () => {
  const known = new Set(contract.operations.map(unnamed));
  expect(servedRoutes().filter((route) => !known.has(route))).toEqual([]);
});

test("what is said not to be served is not served", () => {
  const served = new Set(servedRoutes());
  for (const pattern of NOT_SERVED) {
    const meant = contract.operations.filter((operation) => pattern.test(operation));
    expect(meant).not.toEqual([]);
    expect(meant.filter((operation) => served.has(unnamed(operation)))).toEqual([]);
  }
});

const cloud = new TestCloud();
beforeAll(() => cloud.start());
afterAll(() => cloud.dispose());

/** Reads a resource and its actions in every way there is, and renames it. */
async function readAround(
  plural: string,
  id: number,
  rename: object = { name: `renamed-${id}`, labels: { a: "b" } },
): Promise<void> {
  await cloud.get(`/${plural}`);
  await cloud.get(`/${plural}/${id}`);
  expect((await cloud.call("PUT", `/${plural}/${id}`, rename)).status).toBe(200);
  await cloud.get(`/${plural}/actions`);
  const { body } = await cloud.get(`/${plural}/${id}/actions`);
  const first = body.actions[0] as { id: number } | undefined;
  if (first === undefined) return;
  await cloud.get(`/${plural}/actions/${first.id}`);
  await cloud.get(`/${plural}/${id}/actions/${first.id}`);
  await cloud.get(`/actions/${first.id}`);
}

const remove = async (path: string): Promise<void> => {
  const reply = await cloud.call("DELETE", path);
  expect(reply.status).toBeLessThan(300);
  await cloud.settle(reply.body);
};

async function walkCatalogue(): Promise<void> {
  for (const plural of ["locations", "server_types", "load_balancer_types", "images"] as const) {
    const { body } = await cloud.get(`/${plural}`);
    await cloud.get(`/${plural}/${body[plural][0].id}`);
  }
  for (const path of ["/datacenters", "/datacenters/1"])
    expect(await cloud.refusal("GET", path)).toBe("410 deprecated");
  await cloud.get("/pricing");
  await cloud.get("/isos");
  await cloud.get("/floating_ips");
}

async function walkNetwork(): Promise<void> {
  const { network } = await cloud.post("/networks", { name: "walk", ip_range: "10.1.0.0/16" });
  const actions = `/networks/${network.id}/actions`;
  await cloud.post(`${actions}/add_subnet`, { type: "cloud", ip_range: "10.1.1.0/24", network_zone: "eu-central" });
  await cloud.post(`${actions}/add_route`, { destination: "10.100.1.0/24", gateway: "10.1.1.5" });
  await cloud.post(`${actions}/delete_route`, { destination: "10.100.1.0/24", gateway: "10.1.1.5" });
  await cloud.post(`${actions}/delete_subnet`, { ip_range: "10.1.1.0/24" });
  await cloud.post(`${actions}/change_ip_range`, { ip_range: "10.0.0.0/12" });
  await cloud.post(`${actions}/change_protection`, { delete: false });
  await readAround("networks", network.id);
  await remove(`/networks/${network.id}`);
}

async function walkServer(network: number): Promise<void> {
  const key = await cloud.post("/ssh_keys", { name: "key", public_key: PUBLIC_KEY });
  await readAroundPlain("ssh_keys", key.ssh_key.id);
  const group = await cloud.post("/placement_groups", { name: "group", type: "spread" });
  await readAroundPlain("placement_groups", group.placement_group.id);
  const { firewall } = await cloud.post("/firewalls", {
    name: "fw",
    rules: [{ direction: "in", protocol: "tcp", port: "22", source_ips: ["0.0.0.0/0", "::/0"] }],
  });
  const { server } = await cloud.post("/servers", {
    name: "walker",
    server_type: "cx23",
    image: "debian-12",
    location: "fsn1",
    ssh_keys: [key.ssh_key.id],
    firewalls: [{ firewall: firewall.id }],
    labels: { role: "walk" },
  });
  const id = server.id;
  const on = (name: string, body?: object) => cloud.post(`/servers/${id}/actions/${name}`, body);
  await on("attach_to_network", { network, ip: "10.0.5.5", alias_ips: ["10.0.5.6"] });
  await on("change_alias_ips", { network, alias_ips: [] });
  await on("change_dns_ptr", { ip: "127.0.0.1", dns_ptr: "walker.example.org" });
  await on("detach_from_network", { network });
  for (const name of ["reboot", "reset", "shutdown", "poweron", "poweroff"]) await on(name);
  await on("add_to_placement_group", { placement_group: group.placement_group.id });
  await cloud.get(`/servers/${id}`);
  await on("remove_from_placement_group");
  await on("change_type", { server_type: "cx33", upgrade_disk: true });
  await on("rebuild", { image: "ubuntu-24.04" });
  await on("change_protection", { delete: true, rebuild: true });
  await on("change_protection", { delete: false, rebuild: false });
  for (const name of [
    "enable_backup",
    "disable_backup",
    "enable_rescue",
    "disable_rescue",
    "reset_password",
    "request_console",
    "detach_iso",
  ])
    await on(name);
  expect(await cloud.refusal("POST", `/servers/${id}/actions/attach_iso`, { iso: "debian" })).toBe("404 not_found");
  await on("poweroff");
  await readAround("servers", id);
  await walkFirewall(firewall.id, id);
  await walkVolume(id);
  await remove(`/servers/${id}`);
  await remove(`/firewalls/${firewall.id}`);
  await remove(`/placement_groups/${group.placement_group.id}`);
  await remove(`/ssh_keys/${key.ssh_key.id}`);
}

async function readAroundPlain(plural: string, id: number): Promise<void> {
  await cloud.get(`/${plural}`);
  await cloud.get(`/${plural}/${id}`);
  expect((await cloud.call("PUT", `/${plural}/${id}`, { name: `renamed-${id}` })).status).toBe(200);
}

async function walkFirewall(id: number, server: number): Promise<void> {
  const selector = { type: "label_selector", label_selector: { selector: "role=walk" } };
  await cloud.post(`/firewalls/${id}/actions/apply_to_resources`, { apply_to: [selector] });
  await cloud.get(`/firewalls/${id}`);
  await cloud.post(`/firewalls/${id}/actions/set_rules`, {
    rules: [{ direction: "out", protocol: "icmp", destination_ips: ["0.0.0.0/0"], description: "ping" }],
  });
  await cloud.post(`/firewalls/${id}/actions/remove_from_resources`, {
    remove_from: [selector, { type: "server", server: { id: server } }],
  });
  await readAround("firewalls", id);
}

async function walkVolume(server: number): Promise<void> {
  const { volume } = await cloud.post("/volumes", { name: "vol", size: 10, server, format: "ext4" });
  const on = (name: string, body?: object) => cloud.post(`/volumes/${volume.id}/actions/${name}`, body);
  await on("detach");
  await on("resize", { size: 20 });
  await on("attach", { server, automount: false });
  await on("change_protection", { delete: false });
  await on("detach");
  await readAround("volumes", volume.id);
  await remove(`/volumes/${volume.id}`);
}

async function walkPrimaryIp(): Promise<void> {
  const { primary_ip: ip } = await cloud.post("/primary_ips", {
    name: "ip",
    type: "ipv4",
    location: "fsn1",
    assignee_type: "server",
  });
  const on = (name: string, body?: object) => cloud.post(`/primary_ips/${ip.id}/actions/${name}`, body);
  await on("change_dns_ptr", { ip: ip.ip, dns_ptr: "ip.example.org" });
  await on("change_protection", { delete: false });
  const server = await makeServer(cloud, "ip-server", await makeNetwork(cloud, "ip-net"));
  await cloud.post(`/servers/${server}/actions/poweroff`);
  await on("assign", { assignee_type: "server", assignee_id: server });
  await on("unassign");
  await readAround("primary_ips", ip.id, { name: "other", auto_delete: false });
  await remove(`/primary_ips/${ip.id}`);
  await remove(`/servers/${server}`);
}

async function walkLoadBalancer(network: number, certificate: number): Promise<void> {
  const server = await makeServer(cloud, "target", network, { labels: { web: "yes" } });
  const { load_balancer: balancer } = await cloud.post("/load_balancers", {
    name: "lb",
    load_balancer_type: "lb11",
    location: "fsn1",
    algorithm: { type: "round_robin" },
  });
  const id = balancer.id;
  const on = (name: string, body?: object) => cloud.post(`/load_balancers/${id}/actions/${name}`, body);
  await on("attach_to_network", { network, ip: "10.0.0.10" });
  await on("add_service", { protocol: "tcp", listen_port: 5432, destination_port: 5432 });
  await on("add_service", { protocol: "http", listen_port: 8080, destination_port: 80 });
  await on("add_service", { protocol: "https", http: { certificates: [certificate], redirect_http: true } });
  await on("update_service", {
    listen_port: 443,
    http: { timeout_idle: 300 },
    health_check: { protocol: "http", port: 31695, http: { path: "/healthz", status_codes: ["200"] } },
  });
  await on("add_target", { type: "server", server: { id: server }, use_private_ip: true });
  await on("add_target", { type: "label_selector", label_selector: { selector: "web=yes" }, use_private_ip: true });
  await cloud.get(`/load_balancers/${id}`);
  await on("disable_public_interface");
  await on("enable_public_interface");
  await on("change_algorithm", { type: "least_connections" });
  await on("change_dns_ptr", { ip: balancer.public_net.ipv4.ip, dns_ptr: "lb.example.org" });
  await on("change_type", { load_balancer_type: "lb21" });
  await on("change_protection", { delete: false });
  await readAround("load_balancers", id);
  await on("remove_target", { type: "label_selector", label_selector: { selector: "web=yes" } });
  await on("delete_service", { listen_port: 8080 });
  await on("detach_from_network", { network });
  await remove(`/load_balancers/${id}`);
  await remove(`/servers/${server}`);
}

async function walkDns(): Promise<void> {
  const { zone } = await cloud.post("/zones", {
    name: "example.org",
    mode: "primary",
    ttl: 300,
    rrsets: [{ name: "mx", type: "MX", records: [{ value: "10 mail.example.org." }] }],
  });
  const id = zone.id;
  await cloud.get("/zones/example.org");
  await cloud.post(`/zones/${id}/actions/change_ttl`, { ttl: 600 });
  await cloud.post(`/zones/${id}/actions/change_protection`, { delete: false });
  await cloud.get(`/zones/${id}/zonefile`);
  await cloud.post(`/zones/${id}/rrsets`, { name: "www", type: "A", ttl: 60, records: [{ value: "203.0.113.1" }] });
  await cloud.get(`/zones/${id}/rrsets`);
  const path = `/zones/example.org/rrsets/www/A`;
  await cloud.get(path);
  await cloud.call("PUT", path, { labels: { a: "b" } });
  await cloud.post(`${path}/actions/add_records`, { records: [{ value: "203.0.113.2", comment: "two" }] });
  await cloud.post(`${path}/actions/remove_records`, { records: [{ value: "203.0.113.1" }] });
  await cloud.post(`${path}/actions/update_records`, { records: [{ value: "203.0.113.2", comment: "new" }] });
  await cloud.post(`${path}/actions/set_records`, { records: [{ value: "203.0.113.3" }] });
  await cloud.post(`${path}/actions/change_ttl`, { ttl: null });
  await cloud.post(`${path}/actions/change_protection`, { change: false });
  await remove(path);
  await readAround("zones", id, { labels: {} });
  const secondary = await cloud.post("/zones", {
    name: "second.org",
    mode: "secondary",
    primary_nameservers: [{ address: "203.0.113.53" }],
  });
  await cloud.post(`/zones/${secondary.zone.id}/actions/change_primary_nameservers`, {
    primary_nameservers: [{ address: "203.0.113.54", port: 54 }],
  });
}

test("every operation of Hetzner's contract is answered as it says, but for those that are not served", async () => {
  const network = await makeNetwork(cloud);
  await walkCatalogue();
  await walkNetwork();
  await walkServer(network);
  await walkPrimaryIp();
  await walkDns();
  const { certificate, privateKey } = await certificatePair();
  const uploaded = await cloud.post("/certificates", { name: "uploaded", certificate, private_key: privateKey });
  cloud.running.delegate("example.org", true);
  const managed = await cloud.post("/certificates", {
    name: "managed",
    type: "managed",
    domain_names: ["www.example.org"],
  });
  await readAround("certificates", managed.certificate.id);
  const retry = `/certificates/${managed.certificate.id}/actions/retry`;
  expect(await cloud.refusal("POST", retry)).toBe("422 service_error");
  await walkLoadBalancer(network, uploaded.certificate.id);
  await remove(`/certificates/${managed.certificate.id}`);
  await remove("/zones/example.org");
  const missed = contract.operations.filter(
    (operation) => !contract.seen.has(operation) && !NOT_SERVED.some((pattern) => pattern.test(operation)),
  );
  expect(missed).toEqual(REFUSED);
}, 60_000);

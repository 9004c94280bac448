import { makeNetwork, makeServer, TestCloud } from "./support/testCloud";

const cloud = new TestCloud();
let network: number;
beforeAll(async () => {
  await cloud.start({ readOnlyToken: "r".repeat(64), limits: { network: 6 }, capacity: { "ccx63@fsn1": 1, cx53: 0 } });
  network = await makeNetwork(cloud);
});
afterAll(() => cloud.dispose());

const small = { server_type: "cx23", image: "ubuntu-24.04", location: "fsn1" };

test("authentication: no token, wrong token, a token that may only read", async () => {
  for (const authorization of ["", "Bearer wrong", `Bearer ${"x".repeat(64)}`]) {
    const reply = await cloud.call("GET", "/servers", undefined, { authorization });
    expect([reply.status, reply.body.error.code]).toEqual([401, "unauthorized"]);
  }
  const authorization = `Bearer ${"r".repeat(64)}`;
  expect((await cloud.call("GET", "/servers", undefined, { authorization })).status).toBe(200);
  const refused = await cloud.call("POST", "/networks", { name: "x", ip_range: "10.0.0.0/8" }, { authorization });
  expect([refused.status, refused.body.error.code]).toEqual([401, "token_readonly"]);
});

test("a body that is no JSON, an endpoint and a resource that do not exist", async () => {
  expect(await cloud.refusal("POST", "/networks", "{ not json")).toBe("400 json_error");
  expect(await cloud.refusal("GET", "/nothing")).toBe("404 not_found");
  expect(await cloud.refusal("GET", "/servers/1")).toBe("404 not_found");
  expect(await cloud.refusal("GET", "/servers/name")).toBe("404 not_found");
});

test("invalid input lists every field at once", async () => {
  const { status, body } = await cloud.call("POST", "/servers", {
    name: "not a host name",
    server_type: "cx23",
    user_data: "x".repeat(32 * 1024 + 1),
    labels: { "-": "v" },
    datacenter: "fsn1-dc14",
  });
  expect([status, body.error.code]).toEqual([422, "invalid_input"]);
  const fields = body.error.details?.fields.map((field) => field.name) ?? [];
  expect(fields.sort()).toEqual(["datacenter", "image", "labels", "name", "user_data"]);
});

test("names are unique within a kind", async () => {
  expect(await cloud.refusal("POST", "/networks", { name: "net", ip_range: "10.2.0.0/16" })).toBe(
    "409 uniqueness_error",
  );
});

test("every answer carries a correlation id and the state of the rate limit", async () => {
  const ok = await cloud.get("/servers");
  const missing = await cloud.get("/servers/1");
  for (const { headers } of [ok, missing]) {
    expect(headers.get("x-correlation-id")).toMatch(/^[0-9a-f]{16}$/);
    expect(headers.get("ratelimit-limit")).toBe("3600");
    expect(Number(headers.get("ratelimit-remaining"))).toBeLessThan(3600);
    expect(Number(headers.get("ratelimit-reset"))).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1000));
  }
  expect(ok.headers.get("x-correlation-id")).not.toBe(missing.headers.get("x-correlation-id"));
});

test("429 when the requests are used up, and none before", async () => {
  const strict = await new TestCloud({ rateLimit: { limit: 3, refillPerSecond: 0 } }).start();
  try {
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await strict.get("/servers")).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(await strict.refusal("GET", "/servers")).toBe("429 rate_limit_exceeded");
  } finally {
    await strict.dispose();
  }
});

test("capacity: by type, by type and location; freed by a delete", async () => {
  const big = (name: string, location: string) => ({ name, server_type: "ccx63", image: "debian-12", location });
  const { server } = await cloud.post("/servers", big("big-1", "fsn1"));
  expect(await cloud.refusal("POST", "/servers", big("big-2", "fsn1"))).toBe("412 resource_unavailable");
  await cloud.post("/servers", big("big-3", "nbg1"));
  expect(await cloud.refusal("POST", "/servers", { ...small, name: "none", server_type: "cx53" })).toBe(
    "412 resource_unavailable",
  );
  await cloud.settle((await cloud.call("DELETE", `/servers/${server.id}`)).body);
  await cloud.post("/servers", big("big-2", "fsn1"));
});

test("limits of the project", async () => {
  for (let n = 1; n < 6; n++) await cloud.post("/networks", { name: `more-${n}`, ip_range: "10.0.0.0/16" });
  expect(await cloud.refusal("POST", "/networks", { name: "seventh", ip_range: "10.0.0.0/16" })).toBe(
    "403 resource_limit_exceeded",
  );
});

test("a server is locked while an action runs, and protected when asked to be", async () => {
  const slow = await new TestCloud({ actionDelayMs: 200 }).start();
  try {
    const { body } = await slow.call("POST", "/servers", { ...small, name: "slow" });
    const id = body.server.id;
    expect(body.server.locked).toBe(true);
    expect(body.action.status).toBe("running");
    expect(await slow.refusal("POST", `/servers/${id}/actions/poweroff`)).toBe("423 locked");
    expect(await slow.refusal("DELETE", `/servers/${id}`)).toBe("423 locked");
    await slow.settle(body);
    expect((await slow.get(`/servers/${id}`)).body.server).toMatchObject({ locked: false, status: "running" });
    await slow.post(`/servers/${id}/actions/change_protection`, { delete: true, rebuild: true });
    expect(await slow.refusal("DELETE", `/servers/${id}`)).toBe("423 protected");
    expect(await slow.refusal("POST", `/servers/${id}/actions/rebuild`, { image: "debian-12" })).toBe("423 protected");
  } finally {
    await slow.dispose();
  }
});

test("two changes of one network at once conflict", async () => {
  const slow = await new TestCloud({ actionDelayMs: 100 }).start();
  try {
    const { network: net } = await slow.post("/networks", { name: "n", ip_range: "10.0.0.0/16" });
    const subnet = (ip_range: string) => ({ type: "cloud", network_zone: "eu-central", ip_range });
    const first = await slow.call("POST", `/networks/${net.id}/actions/add_subnet`, subnet("10.0.1.0/24"));
    expect(await slow.refusal("POST", `/networks/${net.id}/actions/add_subnet`, subnet("10.0.2.0/24"))).toBe(
      "409 conflict",
    );
    await slow.settle(first.body);
    await slow.post(`/networks/${net.id}/actions/add_subnet`, subnet("10.0.2.0/24"));
  } finally {
    await slow.dispose();
  }
});

test("what is in use is not deleted", async () => {
  const { placement_group: group } = await cloud.post("/placement_groups", { name: "pg", type: "spread" });
  const { firewall } = await cloud.post("/firewalls", { name: "fw" });
  const server = await makeServer(cloud, "user", network, {
    placement_group: group.id,
    firewalls: [{ firewall: firewall.id }],
  });
  const { volume } = await cloud.post("/volumes", { name: "v", size: 10, server });
  for (const path of [
    `/networks/${network}`,
    `/placement_groups/${group.id}`,
    `/firewalls/${firewall.id}`,
    `/volumes/${volume.id}`,
  ]) {
    expect([path, await cloud.refusal("DELETE", path)]).toEqual([path, "422 resource_in_use"]);
  }
  expect(await cloud.refusal("POST", `/networks/${network}/actions/delete_subnet`, { ip_range: "10.0.0.0/16" })).toBe(
    "422 service_error",
  );
  await cloud.settle((await cloud.call("DELETE", `/servers/${server}`)).body);
  expect((await cloud.call("DELETE", `/placement_groups/${group.id}`)).status).toBe(204);
  expect((await cloud.call("DELETE", `/firewalls/${firewall.id}`)).status).toBe(204);
  expect((await cloud.call("DELETE", `/volumes/${volume.id}`)).status).toBe(204);
});

test("an action tells why its machine did not boot, and the server is off", async () => {
  cloud.machines.failNext = "no room on this laptop";
  const { body } = await cloud.call("POST", "/servers", { ...small, name: "unlucky" });
  const action = await cloud.finished(body.next_actions[0].id);
  expect(action).toMatchObject({
    status: "error",
    error: { code: "action_failed", message: "no room on this laptop" },
  });
  expect((await cloud.get(`/servers/${body.server.id}`)).body.server.status).toBe("off");
  await cloud.post(`/servers/${body.server.id}/actions/poweron`);
  expect((await cloud.get(`/servers/${body.server.id}`)).body.server.status).toBe("running");
});

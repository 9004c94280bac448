import { Harness, PartialFailure } from "./harness";

let h: Harness;
afterEach(() => h.dispose());
const server = (name: string, more: object = {}) => ({
  name,
  serverType: "cx23",
  image: "debian-12",
  location: "fsn1",
  ...more,
});

test("a type that is sold out is told at once: nobody asks again", async () => {
  h = await new Harness({ capacity: { cx23: 1 } }).start();
  await h.make("server", "a", server("a"));
  await expect(h.make("server", "b", server("b"))).rejects.toThrow(/sold out in fsn1 \(resource_unavailable\)/);
  expect(h.logs).toEqual([]);
});

test("the rate limit slows down, it fails nothing", async () => {
  h = await new Harness({ rateLimit: { limit: 5, refillPerSecond: 40 } }).start();
  const states = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((n) => h.make("placementGroup", `g${n}`, { name: `g${n}`, type: "spread" })),
  );
  expect(new Set(states.map((state) => state.id)).size).toBe(6);
  expect(h.logs.some((line) => line.includes("rate_limit_exceeded"))).toBe(true);
}, 20_000);

test("conflicts are waited out; what is locked fails, but for attachments", async () => {
  h = await new Harness({ actionDelayMs: 60 }).start();
  const network = await h.make("network", "n", { ipRange: "10.0.0.0/16" });
  const subnet = (n: number) =>
    h.make("networkSubnet", `s${n}`, {
      networkId: network.id,
      type: "cloud",
      networkZone: "eu-central",
      ipRange: `10.0.${n}.0/24`,
    });
  const subnets = await Promise.all([subnet(1), subnet(2), subnet(3)]);
  expect(subnets.map((state) => state.outputs["gateway"])).toEqual(["10.0.0.1", "10.0.0.1", "10.0.0.1"]);
  expect(h.logs.some((line) => line.includes("(conflict)"))).toBe(true);
  const made = await h.make("server", "s", server("s"));
  const path = `/servers/${made.id}/actions`;
  const busy = h.cloud.call("POST", `${path}/reboot`);
  const attached = h.change("server", "s", made, { networks: [{ networkId: network.id, ip: "10.0.1.7" }] });
  expect((await attached).outputs["networks"]).toMatchObject([{ ip: "10.0.1.7" }]);
  await busy;
  await h.cloud.call("POST", `${path}/reboot`);
  await expect(h.change("server", "s", made, { backups: true })).rejects.toThrow(/\(locked\)/);
}, 20_000);

test("a refusal that will not pass is told at once, with its field", async () => {
  h = await new Harness().start();
  await expect(h.make("server", "s", server("s", { serverType: "cx99" }))).rejects.toThrow(
    /server type 'cx99' not found \(invalid_input\)/,
  );
  await h.make("network", "n", { name: "n", ipRange: "10.0.0.0/16", deleteProtection: true });
  await expect(h.make("network", "n", { name: "n", ipRange: "10.0.0.0/16" })).rejects.toThrow(/uniqueness_error/);
  const [network] = h.cloud.running.snapshot()["networks"] ?? [];
  const state = { id: String(network?.["id"]), inputs: {}, outputs: {} };
  await expect(h.remove("network", state)).rejects.toThrow(/protected against delete/);
});

test("created but not finished: what was asked for is taken for what is, and an update heals nothing", async () => {
  h = await new Harness().start();
  h.cloud.machines.failNext = "no room on this laptop";
  const failure = await h.make("server", "s", server("s")).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PartialFailure);
  const { message, id, outputs } = failure as PartialFailure;
  expect(message).toMatch(/start_server failed: no room on this laptop/);
  expect(outputs).toMatchObject({ name: "s", status: null });
  const made = { id, inputs: { name: "s", serverType: "cx23", image: "debian-12", location: "fsn1" }, outputs };
  expect(await h.diff("server", made, {})).toEqual([]);
  const after = await h.change("server", "s", made, {});
  expect(after.outputs["status"]).toBe("off");
  expect(await h.diff("server", after, {})).toEqual([]);
});

test("made but not attached: nobody sees it until it is read; then it is attached, and stays off", async () => {
  h = await new Harness().start();
  const network = await h.make("network", "n", { ipRange: "10.0.0.0/16" });
  await h.make("networkSubnet", "sub", {
    networkId: network.id,
    type: "cloud",
    networkZone: "eu-central",
    ipRange: "10.0.0.0/16",
  });
  const net = { networkId: Number(network.id), aliasIps: [] };
  await h.make("server", "first", server("first", { networks: [{ ...net, ip: "10.0.0.7" }] }));
  const inputs = server("s", {
    networks: [{ ...net, ip: "10.0.0.7" }],
    publicNets: [{ ipv4Enabled: false, ipv6Enabled: false }],
  });
  const failure = await h.make("server", "s", inputs).catch((error: unknown) => error);
  expect(String(failure)).toMatch(/ip_not_available/);
  const { id, outputs } = failure as PartialFailure;
  const made = { id, inputs, outputs };
  expect(await h.diff("server", made, {})).toEqual([]);
  const updated = await h.change("server", "s", made, {});
  expect(await h.diff("server", updated, {})).toEqual([]);
  const seen = await h.provider.read(h.context("server", "s"), id, updated);
  expect(seen?.outputs).toMatchObject({ networks: [], status: "off" });
  const wanted = { networks: [{ ...net, ip: "10.0.0.8" }] };
  expect(await h.diff("server", { ...updated, outputs: seen?.outputs ?? {} }, wanted)).toEqual(["networks[0]: add"]);
  const attached = await h.change("server", "s", { ...updated, outputs: seen?.outputs ?? {} }, wanted);
  expect(attached.outputs).toMatchObject({ networks: [{ ip: "10.0.0.8" }], status: "off" });
});

test("server types: off hard and left off, also where the new one is sold out", async () => {
  h = await new Harness({ capacity: { cx33: 0 } }).start();
  const made = await h.make("server", "s", server("s"));
  await expect(h.change("server", "s", made, { serverType: "cx33" })).rejects.toThrow(/resource_unavailable/);
  const { body } = await h.cloud.get(`/servers/${made.id}`);
  expect(body.server).toMatchObject({ status: "off", server_type: { name: "cx23" } });
  // The next run wants the old type: an empty update that reports success.
  expect((await h.change("server", "s", made, {})).outputs["status"]).toBe("off");
});

test("placement groups: only a stopped server joins, and a running one is not taken out", async () => {
  h = await new Harness().start();
  const group = await h.make("placementGroup", "g", { type: "spread" });
  const made = await h.make("server", "s", server("s"));
  const joined = { placementGroupId: Number(group.id) };
  await expect(h.change("server", "s", made, joined)).rejects.toThrow(/server_not_stopped/);
  await h.cloud.post(`/servers/${made.id}/actions/poweroff`);
  const inside = await h.change("server", "s", made, joined);
  expect(inside.outputs).toMatchObject({ placementGroupId: Number(group.id), status: "off" });
  await h.cloud.post(`/servers/${made.id}/actions/poweron`);
  const { placementGroupId: _, ...alone } = inside.inputs;
  const out = h.provider.update(h.context("server", "s"), inside, alone);
  await expect(out).rejects.toThrow(/takes no running server out of a placement group/);
});

test("the time allowed and an abort both end the waiting", async () => {
  h = await new Harness({ actionDelayMs: 5_000 }).start();
  const ctx = h.context("server", "s", { timeoutSeconds: 0.2 });
  await expect(h.provider.create(ctx, server("s"))).rejects.toThrow(/still running after the time allowed/);
  const running = h.make("server", "t", server("t")).catch((error: unknown) => error);
  setTimeout(() => h.abort.abort(new Error("stopped by the user")), 100);
  expect(String(await running)).toMatch(/stopped by the user|abort/i);
});

test("an API that is not there is named", async () => {
  h = await new Harness().start();
  await h.cloud.stop();
  await expect(h.make("network", "n", { ipRange: "10.0.0.0/16" })).rejects.toThrow(
    /Hetzner API at http:\/\/127\.0\.0\.1:\d+\/v1 is not reachable \(ECONNREFUSED\)/,
  );
});

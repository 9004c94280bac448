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

test("sold out types are asked for again, a bounded number of times", async () => {
  h = await new Harness({ capacity: { cx23: 1 } }).start();
  const first = await h.make("server", "a", server("a"));
  const second = h.make("server", "b", server("b"));
  await h.remove("server", first);
  expect((await second).outputs["status"]).toBe("running");
  expect(h.logs.some((line) => line.includes("resource_unavailable"))).toBe(true);
  await expect(h.make("server", "c", server("c"))).rejects.toThrow(/sold out in fsn1 \(resource_unavailable\)/);
}, 20_000);

test("the rate limit slows down, it fails nothing", async () => {
  h = await new Harness({ rateLimit: { limit: 10, refillPerSecond: 40 } }).start();
  const states = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((n) => h.make("placementGroup", `g${n}`, { name: `g${n}`, type: "spread" })),
  );
  expect(new Set(states.map((state) => state.id)).size).toBe(6);
  expect(h.logs.some((line) => line.includes("rate_limit_exceeded"))).toBe(true);
}, 20_000);

test("conflicts and locks are waited out", async () => {
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
  const { id } = await h.make("server", "s", server("s"));
  const volumes = await Promise.all([1, 2].map((n) => h.make("volume", `v${n}`, { size: 10, serverId: id })));
  expect(volumes.map((state) => state.outputs["serverId"])).toEqual([Number(id), Number(id)]);
  expect(h.logs.some((line) => line.includes("(conflict)"))).toBe(true);
  expect(h.logs.some((line) => line.includes("(locked)"))).toBe(true);
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

test("created but not finished: the failure carries what there is, and an update completes it", async () => {
  h = await new Harness().start();
  h.cloud.machines.failNext = "no room on this laptop";
  const failure = await h.make("server", "s", server("s")).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PartialFailure);
  const { message, id, outputs } = failure as PartialFailure;
  expect(message).toMatch(/start_server failed: no room on this laptop/);
  expect(outputs).toMatchObject({ name: "s", status: "off" });
  const inputs = { name: "s", serverType: "cx23", image: "debian-12", location: "fsn1" };
  const after = await h.change("server", "s", { id, inputs, outputs }, {});
  expect(after.outputs["status"]).toBe("running");
  // Stopped later by someone: an update lets it be.
  await h.cloud.post(`/servers/${id}/actions/poweroff`);
  expect((await h.change("server", "s", after, { labels: { a: "b" } })).outputs).toMatchObject({
    status: "off",
    labels: { a: "b" },
  });
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

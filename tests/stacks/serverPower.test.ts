import { serverPower } from "../../stacks/serverPower";
import { resizedServers } from "../../stacks/resizedServers";
import { makeNetwork, makeServer, TestCloud } from "../packages/hetzner-api/support/testCloud";

// Asked of the local cloud, whose answers are held against Hetzner's description (tests/packages/hetzner-api).
const cloud = new TestCloud();
beforeAll(() => cloud.start());
afterAll(() => cloud.dispose());

const power = () => serverPower({ endpoint: cloud.endpoint, token: cloud.token }, 10);

test("a server shuts down by itself, and runs again", async () => {
  const network = await makeNetwork(cloud, "keybuzz-prod");
  const id = await makeServer(cloud, "redis-01", network);
  expect(await power().isOn(id)).toBe(true);
  await power().shutDown(id);
  expect(await power().isOn(id)).toBe(false);
  await power().start(id);
  expect(await power().isOn(id)).toBe(true);
  const { actions } = (await cloud.get(`/servers/${id}/actions`)).body as unknown as {
    actions: { command: string }[];
  };
  expect(actions.map(({ command }) => command).slice(-2)).toEqual(["shutdown_server", "start_server"]);
});

test("a type is asked for where it is to be had", async () => {
  cloud.running.weather([{ kind: "soldOut", serverType: "cx33", location: "fsn1" }]);
  await expect(power().requireType("cx33", "fsn1")).rejects.toThrow(
    "cx33 is sold out in fsn1 now: nothing was switched off",
  );
  await expect(power().requireType("cx33", "nbg1")).resolves.toBeUndefined();
});

test("a server that is gone is said to be", async () => {
  await expect(power().shutDown(999_999)).rejects.toThrow("there is no server 999999 (any more)");
});

test("whose type changes: of those that are there, and no others", () => {
  const there = (name: string, type: string, id: number) => ({
    id,
    name,
    labels: {},
    status: "running",
    location: { name: "fsn1" },
    server_type: { name: type, architecture: "x86" },
    image: null,
    primary_disk_size: 40,
    private_net: [],
  });
  const hosts = ["a", "b", "new"].map((name) => ({ name, serverType: "cx33" }));
  const servers = [there("a", "cx23", 1), there("b", "cx33", 2), there("stranger", "cx23", 3)];
  expect([...resizedServers(hosts, { servers })]).toEqual([["a", 1]]);
});

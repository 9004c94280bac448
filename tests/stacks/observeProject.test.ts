import { HetznerUnreachableError } from "../../stacks/askHetzner";
import { observeProject } from "../../stacks/observeProject";
import { makeNetwork, makeServer, PUBLIC_KEY, TestCloud } from "../packages/hetzner-api/support/testCloud";

// Asked of the local cloud, whose answers are held against Hetzner's description (tests/packages/hetzner-api).
const cloud = new TestCloud();
beforeAll(() => cloud.start());
afterAll(() => cloud.dispose());

const observe = (access: object = {}) => observeProject({ endpoint: cloud.endpoint, token: cloud.token, ...access });

test("an empty project has types and nothing else", async () => {
  const { serverTypes, others, ...there } = await observe();
  expect(there).toEqual({ servers: [], balancers: [], networks: [] });
  expect(Object.values(others).flat()).toEqual([]);
  expect(serverTypes).toContainEqual(
    expect.objectContaining({ name: "cx23", architecture: "x86", disk: 40, locations: expect.anything() as object }),
  );
});

test("what is there, whoever has made it, page by page", async () => {
  const network = await makeNetwork(cloud, "keybuzz-prod");
  for (let n = 0; n < 60; n++) await cloud.post("/ssh_keys", { name: `key-${n}`, public_key: keyOf(n) });
  await cloud.post("/placement_groups", { name: "redis-hosts", type: "spread", labels: { stack: "prod" } });
  const { placement_groups: groups } = (await cloud.get("/placement_groups")).body;
  await makeServer(cloud, "redis-01", network, { placement_group: groups[0].id, labels: { stack: "prod" } });
  cloud.running.weather([{ kind: "soldOut", serverType: "cx33", location: "fsn1" }]);
  const { servers, networks, others, serverTypes } = await observe();
  expect(servers).toEqual([
    {
      id: expect.any(Number) as number,
      name: "redis-01",
      labels: { stack: "prod" },
      status: "running",
      location: { name: "fsn1" },
      server_type: { name: "cx23", architecture: "x86" },
      image: { name: "ubuntu-24.04" },
      primary_disk_size: 40,
      placement_group: { name: "redis-hosts" },
      private_net: [{ network, ip: expect.stringMatching(/^10\.0\./) as string }],
      load_balancers: [],
    },
  ]);
  expect(networks).toMatchObject([{ id: network, ip_range: "10.0.0.0/16", subnets: [{ ip_range: "10.0.0.0/16" }] }]);
  expect(others.ssh_keys).toHaveLength(60);
  const places = serverTypes.find(({ name }) => name === "cx33")?.locations ?? [];
  expect(places.filter(({ available }) => available === false).map(({ name }) => name)).toEqual(["fsn1"]);
});

test("who does not answer is another matter than a token that is refused", async () => {
  await expect(observe({ token: "x".repeat(64) })).rejects.toThrow(/hcloud:token: found a token that is refused/);
  await expect(observe({ endpoint: "http://127.0.0.1:9/v1", tries: 1 })).rejects.toThrow(HetznerUnreachableError);
});

/** Another key for each number. */
const keyOf = (n: number): string => PUBLIC_KEY.replace("J8DXb", String(10_000 + n));

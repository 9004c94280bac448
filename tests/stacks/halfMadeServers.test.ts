import { halfMadeServers } from "../../stacks/halfMadeServers";
import { observeProject } from "../../stacks/observeProject";
import { environment as prod } from "../../stacks/prod";
import { makeNetwork, TestCloud } from "../packages/hetzner-api/support/testCloud";

// Asked of the local cloud, whose answers are held against Hetzner's description (tests/packages/hetzner-api).
const cloud = new TestCloud();
beforeAll(() => cloud.start());
afterAll(() => cloud.dispose());

/** As the provider makes a private server: switched off, and in no network yet. */
const half = async (name: string): Promise<number> => {
  const { server } = await cloud.post("/servers", {
    name,
    server_type: "cx23",
    image: "ubuntu-24.04",
    public_net: { enable_ipv4: false, enable_ipv6: false },
    start_after_create: false,
  });
  return server.id;
};

test("servers that were made by half are named with the commands that finish them, until they are whole", async () => {
  const network = await makeNetwork(cloud, "keybuzz-prod");
  const told = async (): Promise<readonly (readonly string[])[]> => {
    const { servers } = await observeProject({ endpoint: cloud.endpoint, token: cloud.token });
    return halfMadeServers(prod, servers).map(({ path, fix }) => [path, fix]);
  };
  expect(await told()).toEqual([]);
  const proxy = await half("haproxy-02");
  const database = await half("db-slave-01");
  await half("nobody-01");
  const finish = (name: string, ip: string, more = ""): string =>
    `hcloud server attach-to-network --network keybuzz-prod --ip ${ip} ${name} && hcloud server poweron ${name}${more} && pulumi up`;
  const protect = " && hcloud server enable-protection db-slave-01 delete rebuild";
  expect(await told()).toEqual([
    ["server haproxy-02", finish("haproxy-02", "10.0.0.12")],
    ["server db-slave-01", finish("db-slave-01", "10.0.0.121", protect)],
  ]);
  await cloud.post(`/servers/${database}/actions/attach_to_network`, { network, ip: "10.0.0.121" });
  await cloud.post(`/servers/${proxy}/actions/attach_to_network`, { network, ip: "10.0.0.12" });
  expect(await told()).toEqual([]);
});

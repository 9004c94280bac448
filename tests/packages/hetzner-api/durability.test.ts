import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { startCloud } from "@standin/hetzner-api/cloud";
import { makeNetwork, makeServer, TestCloud } from "./support/testCloud";

const clouds: TestCloud[] = [];
const children: ChildProcess[] = [];
const newCloud = (): TestCloud => {
  const cloud = new TestCloud();
  clouds.push(cloud);
  return cloud;
};
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const cloud of clouds.splice(0)) await cloud.dispose();
});

test("everything survives a restart: resources, token, machines; ids go on", async () => {
  const cloud = await newCloud().start();
  const network = await makeNetwork(cloud);
  const server = await makeServer(cloud, "one", network);
  const stopped = await makeServer(cloud, "two", network, { start_after_create: false });
  const before = cloud.running.snapshot();
  const token = cloud.token;
  await cloud.stop();
  await cloud.start();
  expect(cloud.token).toBe(token);
  expect(cloud.running.snapshot()).toEqual(before);
  expect(cloud.machines.restored?.map((spec) => [spec.id, spec.privateAddresses[0]?.address])).toEqual([
    [server, "10.0.0.2"],
  ]);
  expect(await makeServer(cloud, "three", network)).toBeGreaterThan(stopped);
});

test("actions under way at a stop are completed by the next start", async () => {
  const cloud = await newCloud().start({ actionDelayMs: 60_000 });
  const network = (await cloud.call("POST", "/networks", { name: "n", ip_range: "10.0.0.0/16" })).body.network.id;
  const { body } = await cloud.call("POST", "/servers", {
    name: "slow",
    server_type: "cx23",
    image: "debian-12",
    location: "fsn1",
  });
  await cloud.stop();
  expect(cloud.machines.calls).toEqual([]);
  await cloud.start({ actionDelayMs: 5 });
  await cloud.settle(body);
  expect(cloud.machines.calls).toEqual(["create slow"]);
  expect((await cloud.get(`/servers/${body.server.id}`)).body.server.status).toBe("running");
  expect((await cloud.get(`/networks/${network}`)).status).toBe(200);
});

/** Starts a cloud of its own process and resolves with its endpoint. */
async function spawnCloud(stateFile: string): Promise<{ child: ChildProcess; endpoint: string }> {
  const script = resolve(__dirname, "support/cloudProcess.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, stateFile], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const endpoint = await new Promise<string>((done, fail) => {
    child.stdout.once("data", (data: Buffer) => done(data.toString().trim()));
    child.once("exit", (code) => fail(new Error(`the cloud ended with ${String(code)}`)));
  });
  return { child, endpoint };
}

test.each([15, 60, 140])(
  "kill -9 after %i ms of load: nothing acknowledged is lost, nothing is half there",
  async (milliseconds) => {
    const cloud = newCloud();
    const { child, endpoint } = await spawnCloud(cloud.stateFile);
    const token = "t".repeat(64);
    const post = async (path: string, body: object): Promise<Record<string, { id: number }>> => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const response = await fetch(`${endpoint}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
      return (await response.json()) as Record<string, { id: number }>;
    };
    const { network } = await post("/networks", {
      name: "n",
      ip_range: "10.0.0.0/16",
      subnets: [{ type: "cloud", ip_range: "10.0.0.0/16", network_zone: "eu-central" }],
    });
    const acknowledged: string[] = [];
    const exited = new Promise((done) => child.once("exit", done));
    const load = async (worker: number): Promise<void> => {
      for (let n = 0; n < 25; n++) {
        const name = `s-${worker}-${n}`;
        await post("/servers", {
          name,
          server_type: "cx23",
          image: "debian-12",
          location: "fsn1",
          networks: [network?.id],
        });
        acknowledged.push(name);
      }
    };
    const loads = [load(1), load(2), load(3)].map((one) => one.catch(() => undefined));
    setTimeout(() => child.kill("SIGKILL"), milliseconds);
    await Promise.all([...loads, exited]);
    await cloud.start();
    const servers = cloud.running.snapshot()["servers"] ?? [];
    const names = servers.map((server) => String(server["name"]));
    expect(names).toEqual(expect.arrayContaining(acknowledged));
    expect(new Set(names).size).toBe(names.length);
    // At most one request a worker was under way, and done but not yet answered.
    expect(names.length).toBeLessThanOrEqual(acknowledged.length + 3);
    const addresses = servers.map((server) => (server["private_net"] as { ip: string }[])[0]?.ip);
    expect(new Set(addresses).size).toBe(names.length);
    const unfinished = async () => (await cloud.get("/servers/actions?status=running")).body.actions.length;
    while ((await unfinished()) > 0) await new Promise((done) => setTimeout(done, 10));
    const { body } = await cloud.get("/servers?per_page=50&status=running");
    expect(body.meta.pagination.total_entries).toBe(names.length);
    expect(cloud.machines.specs.size).toBe(names.length);
  },
  30_000,
);

test("a state file in use, a file that is no state, a port in use, a short token: each says what to do", async () => {
  const cloud = await newCloud().start();
  const other = newCloud();
  await expect(startCloud({ stateFile: cloud.stateFile, machines: cloud.machines })).rejects.toThrow(
    /another local cloud is using it/,
  );
  await expect(other.start({ token: "short" })).rejects.toThrow(/5 characters.*exactly 64/);
  const listener = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => listener.once("listening", done));
  const { port } = listener.address() as { port: number };
  await expect(other.start({ port })).rejects.toThrow(`port ${port} is in use`);
  listener.close();
  writeFileSync(`${other.stateFile}.bad`, "not a database ".repeat(100));
  await expect(startCloud({ stateFile: `${other.stateFile}.bad`, machines: other.machines })).rejects.toThrow(
    /no state file of the local cloud/,
  );
});

import { makeNetwork, makeServer, TestCloud } from "./support/testCloud";

// As Hetzner describes change_type and placement groups; how the official provider meets it: ../pulumi-engine/conformance.
const cloud = new TestCloud();
let network: number;
beforeAll(async () => {
  await cloud.start();
  network = await makeNetwork(cloud);
});
afterAll(() => cloud.dispose());

const read = async (id: number) => (await cloud.get(`/servers/${id}`)).body.server;
const resize = (server_type: string, upgrade_disk = true) => ({ server_type, upgrade_disk });

test("another type: only of one that is off; it is started again, also where it never ran", async () => {
  const running = await makeServer(cloud, "running", network);
  const path = `/servers/${running}/actions`;
  expect(await cloud.refusal("POST", `${path}/change_type`, resize("cx33"))).toBe("422 server_not_stopped");
  await cloud.post(`${path}/poweroff`);
  await cloud.post(`${path}/change_type`, resize("cx33"));
  expect(await read(running)).toMatchObject({ status: "running", primary_disk_size: 80 });
  const never = await makeServer(cloud, "never", network, { start_after_create: false });
  await cloud.post(`/servers/${never}/actions/change_type`, resize("cx33"));
  expect((await read(never)).status).toBe("running");
});

test("a disk that has grown never shrinks; one that was kept can go back", async () => {
  const [grown, kept] = [await makeServer(cloud, "grown", network), await makeServer(cloud, "kept", network)];
  for (const [id, upgrade] of [
    [grown, true],
    [kept, false],
  ] as const) {
    await cloud.post(`/servers/${id}/actions/poweroff`);
    await cloud.post(`/servers/${id}/actions/change_type`, resize("cx33", upgrade));
    await cloud.post(`/servers/${id}/actions/poweroff`);
  }
  expect(await cloud.refusal("POST", `/servers/${grown}/actions/change_type`, resize("cx23"))).toBe(
    "422 invalid_server_type",
  );
  // What is refused leaves it as it was: off.
  expect((await read(grown)).status).toBe("off");
  await cloud.post(`/servers/${kept}/actions/change_type`, resize("cx23"));
  expect(await read(kept)).toMatchObject({ status: "running", primary_disk_size: 40 });
  await cloud.post(`/servers/${kept}/actions/poweroff`);
  expect(await cloud.refusal("POST", `/servers/${kept}/actions/change_type`, resize("cax21"))).toBe(
    "422 invalid_server_type",
  );
});

test("a server joins a placement group while it is off", async () => {
  const { placement_group: group } = await cloud.post("/placement_groups", { name: "group", type: "spread" });
  const id = await makeServer(cloud, "joins", network);
  const join = { placement_group: group.id };
  expect(await cloud.refusal("POST", `/servers/${id}/actions/add_to_placement_group`, join)).toBe(
    "422 server_not_stopped",
  );
  await cloud.post(`/servers/${id}/actions/poweroff`);
  await cloud.post(`/servers/${id}/actions/add_to_placement_group`, join);
});

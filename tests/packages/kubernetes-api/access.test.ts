import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import { KubeClient } from "@standin/kubernetes-api/wire/kubeClient";
import { accessScenarios } from "./support/accessScenarios";
import { answer, signedClient, type Certified } from "./support/signedClient";
import { TestCluster } from "./support/testCluster";

jest.setTimeout(60_000);

const DAY = 24 * 3600 * 1000;
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
let ahead = 0;
const now = (): Date => new Date(Date.now() + ahead);

let cluster: TestCluster;
const clients: KubeClient[] = [];
beforeAll(async () => {
  cluster = await TestCluster.start({ now });
});
afterEach(() => {
  ahead = 0;
});
afterAll(async () => {
  for (const client of clients) client.close();
  await cluster.stop();
});

async function master(more: Certified = {}): Promise<KubeClient> {
  const made = await signedClient(cluster.local, "one", { group: "system:masters", now, ...more });
  clients.push(made);
  return made;
}

describe("who it is", () => {
  test("a certificate of the client authority is known for a year, by the cluster's clock", async () => {
    const one = await master();
    expect(await answer(one, "GET", CONFIG_MAPS)).toBe(200);
    ahead = 364 * DAY;
    expect(await answer(one, "GET", CONFIG_MAPS)).toBe(200);
    ahead = 366 * DAY;
    expect(await answer(one, "GET", CONFIG_MAPS)).toBe(401);
    await expect(one.request({ method: "GET", path: CONFIG_MAPS })).rejects.toThrow(
      /^Unauthorized: the client certificate in the kubeconfig is good until \d{4}-/,
    );
    const renewed = await master();
    expect(await answer(renewed, "GET", CONFIG_MAPS)).toBe(200);
    ahead = 0;
    // It has not begun yet.
    expect(await answer(renewed, "GET", CONFIG_MAPS)).toBe(401);
  });

  test("what the cluster writes down on its machines ends after a year; what the stand-in's user has does not", async () => {
    const written = new KubeClient(parseKubeconfig(cluster.local.writtenKubeconfig));
    clients.push(written);
    expect(await answer(written, "GET", CONFIG_MAPS)).toBe(200);
    ahead = 366 * DAY;
    expect(await answer(written, "GET", CONFIG_MAPS)).toBe(401);
    expect(await answer(cluster.client, "GET", CONFIG_MAPS)).toBe(200);
  });

  test("another cluster's authority is nobody here", async () => {
    const other = await TestCluster.start();
    const stranger = await master({ authority: other.local.authorities.client });
    await other.stop();
    expect(await answer(stranger, "GET", CONFIG_MAPS)).toBe(401);
  });
});

describe("who may what", () => accessScenarios(() => cluster.local));

import { HetznerUnreachableError } from "../../stacks/askHetzner";
import { observeWeb } from "../../stacks/observeWeb";
import { environment as local } from "../../stacks/local";
import { environment as staging } from "../../stacks/staging";
import { TestCloud } from "../packages/hetzner-api/support/testCloud";

// Asked of the local cloud, whose answers are held against Hetzner's description (tests/packages/hetzner-api).
const cloud = new TestCloud();
beforeAll(() => cloud.start());
afterAll(() => cloud.dispose());

const { zone } = staging.web;
const foreign = { ...staging, web: { ...staging.web, manageZone: false } };
const observe = (environment = staging) => observeWeb(environment, { endpoint: cloud.endpoint, token: cloud.token });
const ask = (host: string, labels: object) =>
  cloud.call("POST", "/certificates", {
    name: host + JSON.stringify(labels).length,
    type: "managed",
    domain_names: [host],
    labels,
  });

test("before there is a zone nothing is delegated; another's zone must be there", async () => {
  expect(await observe()).toEqual({ undelegated: [zone], certificates: [] });
  await expect(observe(foreign)).rejects.toThrow(
    /web\.zone: found "staging\.keybuzz\.io", which is no zone of this Hetzner project/,
  );
});

test("this stack's certificates, the failed ones among them, and none of others", async () => {
  await cloud.post("/zones", { name: zone, mode: "primary" });
  const own = { project: "keybuzz", stack: "staging", "managed-by": "pulumi" };
  const { body } = await ask(`a.${zone}`, { ...own, attempt: "2" });
  await cloud.finished(body.action.id);
  cloud.running.delegate(zone, true);
  const issued = await ask(`b.${zone}`, own);
  await cloud.settle(issued.body);
  await ask(`c.${zone}`, { ...own, stack: "prod" });
  expect(await observe()).toEqual({
    undelegated: [],
    certificates: [
      { host: `a.${zone}`, attempt: 2, failed: true, issued: false },
      { host: `b.${zone}`, attempt: 1, failed: false, issued: true },
    ],
  });
  expect((await observe(foreign)).undelegated).toEqual([]);
});

test("each of several zones is looked at by itself", async () => {
  const other = { zone: "keybuzz.help", manageZone: true, records: [] };
  const having = (otherZones: readonly (typeof other)[]) => ({ ...staging, web: { ...staging.web, otherZones } });
  expect((await observe(having([other]))).undelegated).toEqual(["keybuzz.help"]);
  await expect(observe(having([other, { ...other, zone: "keybuzz.shop", manageZone: false }]))).rejects.toThrow(
    /web\.otherZones\[1\]\.zone: found "keybuzz\.shop", which is no zone of this Hetzner project/,
  );
});

test("a refused token is said to be that; who does not answer is another matter", async () => {
  await expect(observeWeb(staging, { endpoint: cloud.endpoint, token: "x".repeat(64) })).rejects.toThrow(
    /hcloud:token: found a token that is refused/,
  );
  const nobody = { endpoint: "http://127.0.0.1:9/v1", token: "x", tries: 1 };
  await expect(observeWeb(staging, nobody)).rejects.toThrow(HetznerUnreachableError);
  await expect(observeWeb(staging, nobody)).rejects.toThrow(/fix: try again; nothing was changed/);
});

test("where nothing depends on it nobody is asked", async () => {
  const nobody = { endpoint: "http://127.0.0.1:9/v1", token: "x", tries: 1 };
  expect(await observeWeb(local, nobody)).toEqual({ undelegated: [], certificates: [] });
});

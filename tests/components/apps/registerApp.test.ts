import * as k8s from "@pulumi/kubernetes";
import type { AppArgs } from "../../../components/apps/appArgs";
import { HttpApp } from "../../../components/apps/httpApp";
import { planApp } from "../../../components/apps/planApp";
import type { ProcessArgs } from "../../../components/apps/processArgs";
import { StatefulApp } from "../../../components/apps/statefulApp";
import { SecretLedger } from "../../../components/secrets/secretLedger";
import { find, finishedBefore, record, registeredSoFar, resolver, settled } from "./support/recording";
import { app, daemon, stateful } from "./support/shop";

const plan = (process: ProcessArgs, change: Partial<AppArgs> = {}) => planApp(app(process, change), new SecretLedger());
const directories = [{ name: "shop-access", path: "/etc/access", files: { key: "<<secret:shop/key>>" } }];
const MEMBERS = stateful({ headless: "store-members" });

type Register = (provider: k8s.Provider, secrets: ReturnType<typeof resolver>) => unknown;

async function register(make: Register, key = "hunter2"): Promise<ReturnType<typeof registeredSoFar>> {
  await record();
  make(new k8s.Provider("k3s", { kubeconfig: "{}" }), resolver({ "shop/key": key }));
  await settled();
  return registeredSoFar();
}

async function namesOf(make: Register): Promise<readonly string[]> {
  const resources = await register(make);
  return resources.flatMap(({ name, type }) => (/^kubernetes:.+\/v1:/.test(type) ? [name] : [])).sort();
}

describe("objects have the names under which they were first registered", () => {
  it("after the process, and the kind of what runs it", async () => {
    const rights = [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }];
    const args = { plan: plan(stateful(), { clusterRights: rights, config: { env: {}, directories } }) };
    expect(await namesOf((provider, secrets) => new HttpApp("shop", { ...args, provider, secrets }))).toEqual([
      "shop-access",
      "shop-account",
      "shop-cluster-role",
      "shop-cluster-role-binding",
      "store-budget",
      "store-service",
      "store-statefulset",
    ]);
    expect(finishedBefore("store-statefulset")).toEqual(
      expect.arrayContaining(["shop-access", "shop-account", "shop-cluster-role-binding"]),
    );
  });

  it("of a daemon, too", async () => {
    const args = { plan: plan(daemon()) };
    expect(await namesOf((provider, secrets) => new HttpApp("shop", { ...args, provider, secrets }))).toEqual([
      "shop-account",
      "store-daemonset",
    ]);
  });

  it("of a stateful application: after the component", async () => {
    const args = { plan: plan(MEMBERS) };
    expect(
      await namesOf((provider, secrets) => new StatefulApp("shop-server", { ...args, provider, secrets })),
    ).toEqual([
      "shop-server-account",
      "shop-server-budget",
      "shop-server-headless",
      "shop-server-service",
      "shop-server-set",
    ]);
    expect(finishedBefore("shop-server-set")).toContain("shop-server-headless");
    // It is ready once its pods are.
    expect(finishedBefore("shop-server-headless")).not.toContain("shop-server-set");
  });
});

it.each<[string, ProcessArgs]>([
  ["store-statefulset", stateful()],
  ["store-daemonset", daemon()],
])("a secret in a directory rolls the pods of %s, and is in a Secret only", async (name, process) => {
  const args = { plan: plan(process, { config: { env: {}, directories } }) };
  const make: Register = (provider, secrets) => new HttpApp("shop", { ...args, provider, secrets });
  const inputs = async (key: string): Promise<string> => JSON.stringify(find(await register(make, key), name).inputs);
  const [before, same, after] = [await inputs("hunter2"), await inputs("hunter2"), await inputs("hunter3")];
  expect(before).toContain("keybuzz.io/secret-checksum");
  expect(before).not.toContain("hunter");
  expect(same).toBe(before);
  expect(after).not.toBe(before);
  expect(find(registeredSoFar(), "shop-access").inputs).toHaveProperty("stringData.value.key", "hunter3");
});

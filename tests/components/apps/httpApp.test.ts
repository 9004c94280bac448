import * as k8s from "@pulumi/kubernetes";
import * as random from "@pulumi/random";
import { planChatwoot } from "../../../components/workloads/chatwoot";
import { HttpApp } from "../../../components/apps/httpApp";
import { ghcrPullSecret, PullSecrets } from "../../../components/apps/pullSecrets";
import { fakeEstate } from "../workloads/fakeServices";
import { find, finishedBefore, record, registeredSoFar, resolver, settled, type Registered } from "./support/recording";

async function register(values: Readonly<Record<string, string>> = {}): Promise<readonly Registered[]> {
  await record();
  const { context } = fakeEstate();
  const pullSecret = ghcrPullSecret(context.secrets.configured("ghcrToken"));
  const { app } = planChatwoot(
    {
      image: "ghcr.io/keybuzzio/chatwoot-keybuzz:v3.12.0",
      host: "support.keybuzz.io",
      replicas: 2,
      workerReplicas: 2,
      pullSecret,
    },
    context,
  );
  const provider = new k8s.Provider("k3s", { kubeconfig: "{}" });
  const secrets = resolver(values);
  const pullSecrets = new PullSecrets("pull-secrets", { plans: [app, app], provider, secrets });
  const cluster = new random.RandomPet("postgres-cluster");
  const { processes } = new HttpApp(
    "chatwoot",
    { plan: app, provider, secrets },
    { dependsOn: [pullSecrets, cluster] },
  );
  for (const { workload } of processes) await new Promise((resolve) => workload.urn.apply(resolve));
  await settled();
  return registeredSoFar();
}

describe("HttpApp", () => {
  it("registers every object of Chatwoot under a stable name", async () => {
    const resources = await register();
    const names = resources
      .filter(({ type }) => type.startsWith("kubernetes:") && !type.startsWith("kubernetes:index"))
      .map(({ name }) => name);
    expect(names.sort()).toEqual([
      "chatwoot-account",
      "chatwoot-config",
      "chatwoot-files",
      "chatwoot-first-account",
      "chatwoot-first-account-secrets",
      "chatwoot-ghcr-secret",
      "chatwoot-migration",
      "chatwoot-secret-files",
      "chatwoot-secrets",
      "chatwoot-web-budget",
      "chatwoot-web-deployment",
      "chatwoot-web-service",
      "chatwoot-worker-budget",
      "chatwoot-worker-deployment",
    ]);
  });

  it("lets the roll-out wait for the migration, and both for the configuration", async () => {
    await register();
    expect(finishedBefore("chatwoot-config")).toEqual(expect.arrayContaining(["postgres-cluster"]));
    const configuration = ["chatwoot-account", "chatwoot-config", "chatwoot-ghcr-secret", "chatwoot-secrets"];
    expect(finishedBefore("chatwoot-migration")).toEqual(expect.arrayContaining(configuration));
    for (const name of ["chatwoot-web-deployment", "chatwoot-worker-deployment"]) {
      expect(finishedBefore(name)).toEqual(expect.arrayContaining(["chatwoot-migration", ...configuration]));
    }
    // It is waited for until it has endpoints.
    expect(finishedBefore("chatwoot-web-service")).toContain("chatwoot-web-deployment");
  });

  it("puts values in the place of placeholders, in Secrets only", async () => {
    const resources = await register({ "postgres/chatwoot": "hunter2" });
    expect(JSON.stringify(find(resources, "chatwoot-secrets").inputs)).toContain("hunter2");
    expect(JSON.stringify(resources)).not.toContain("<<secret:");
    for (const { type, inputs } of resources) {
      if (type !== "kubernetes:core/v1:Secret") expect(JSON.stringify(inputs)).not.toMatch(/hunter2|value of/);
    }
  });

  it("rolls the pods when a secret changes, and does not repeat the migration", async () => {
    const inputsOf = async (password: string) => {
      const resources = await register({ "postgres/chatwoot": password });
      return (name: string) => JSON.stringify(find(resources, name).inputs);
    };
    const [before, same, after] = [await inputsOf("hunter2"), await inputsOf("hunter2"), await inputsOf("hunter3")];
    expect(before("chatwoot-web-deployment")).toContain("keybuzz.io/secret-checksum");
    expect(same("chatwoot-web-deployment")).toBe(before("chatwoot-web-deployment"));
    expect(after("chatwoot-web-deployment")).not.toBe(before("chatwoot-web-deployment"));
    expect(after("chatwoot-migration")).toBe(before("chatwoot-migration"));
  });
});

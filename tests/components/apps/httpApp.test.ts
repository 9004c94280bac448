import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { substituteSecrets } from "../../../components/secrets/secretRef";
import { planChatwoot } from "../../../components/workloads/chatwoot";
import { HttpApp } from "../../../components/apps/httpApp";
import { ghcrPullSecret, PullSecrets } from "../../../components/apps/pullSecrets";
import type { SecretResolver } from "../../../components/secrets/secretResolver";
import { fakeEstate } from "../workloads/fakeServices";

interface Registered {
  readonly name: string;
  readonly type: string;
  readonly inputs: Record<string, unknown>;
}

/** What the program registered, in its order; and what was there already when each registration began. */
const registered: Registered[] = [];
const finishedBefore = new Map<string, ReadonlySet<string>>();
const finished = new Set<string>();

/** A Job takes a while, so that whoever does not wait for it is seen. */
const JOB_MILLISECONDS = 40;

class RecordingMocks implements pulumi.runtime.Mocks {
  async newResource(args: pulumi.runtime.MockResourceArgs): Promise<{ id: string; state: Record<string, unknown> }> {
    const inputs = args.inputs as Record<string, unknown>;
    finishedBefore.set(args.name, new Set(finished));
    if (args.type === "kubernetes:batch/v1:Job") await new Promise((resolve) => setTimeout(resolve, JOB_MILLISECONDS));
    finished.add(args.name);
    registered.push({ name: args.name, type: args.type, inputs });
    return { id: `${args.name}-id`, state: inputs };
  }
  call(args: pulumi.runtime.MockCallArgs): Record<string, unknown> {
    throw new Error(`nothing is called here: ${args.token}`);
  }
}

/** Every secret's value tells which one it is. */
function resolver(values: Readonly<Record<string, string>>): SecretResolver {
  const known = { get: (id: string) => values[id] ?? `value of ${id}` } as ReadonlyMap<string, string>;
  return { resolve: (text) => pulumi.secret(substituteSecrets(text, known)) };
}

async function register(values: Readonly<Record<string, string>> = {}): Promise<readonly Registered[]> {
  registered.length = 0;
  finished.clear();
  finishedBefore.clear();
  await pulumi.runtime.setMocks(new RecordingMocks(), "keybuzz", "test");
  const { context } = fakeEstate();
  const pullSecret = ghcrPullSecret(context.secrets.configured("ghcrToken"));
  const { app } = planChatwoot(
    {
      image: "ghcr.io/keybuzzio/chatwoot-keybuzz:v3.12.0",
      host: "support.keybuzz.io",
      webReplicas: 2,
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
  return [...registered];
}

/** The Deployments come last; what nothing waits for may still be under way: wait until none has come for a while. */
async function settled(): Promise<void> {
  for (let before = -1; before !== registered.length;) {
    before = registered.length;
    await new Promise((resolve) => setTimeout(resolve, 5 * JOB_MILLISECONDS));
  }
}

function find(resources: readonly Registered[], name: string): Registered {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined)
    throw new Error(`"${name}" was not registered; there are ${resources.map((r) => r.name).join(", ")}`);
  return found;
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
    const before = (name: string): readonly string[] => [...(finishedBefore.get(name) ?? [])];
    expect(before("chatwoot-config")).toEqual(expect.arrayContaining(["postgres-cluster"]));
    const configuration = ["chatwoot-account", "chatwoot-config", "chatwoot-ghcr-secret", "chatwoot-secrets"];
    expect(before("chatwoot-migration")).toEqual(expect.arrayContaining(configuration));
    for (const name of ["chatwoot-web-deployment", "chatwoot-worker-deployment"]) {
      expect(before(name)).toEqual(expect.arrayContaining(["chatwoot-migration", ...configuration]));
    }
    // Nothing else does: the Service is there at once.
    expect(before("chatwoot-web-service")).not.toContain("chatwoot-migration");
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

import { at, textAt, type Json } from "@standin/kubernetes-api/wire/json";
import { kubernetesProvider } from "@standin/pulumi-engine/providers/kubernetes";
import { PartialFailure, UNKNOWN, type Properties } from "@standin/pulumi-engine/provider";
import { TestCluster, until } from "../../kubernetes-api/support/testCluster";
import { configMap, deployment, failure, Harness, job, service, type Declaration } from "./support/harness";
import { ingressController } from "./support/ingressController";
import { providerScenarios } from "./support/providerScenarios";

// A machine shared with other work is slow at times.
jest.setTimeout(60_000);

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start();
});
afterAll(() => cluster.stop());

describe("against the in-process API", () => providerScenarios(async () => cluster.local.kubeconfig));

describe("in-process only", () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = new Harness(await kubernetesProvider({ kubeconfig: cluster.local.kubeconfig }));
  });
  afterEach(async () => {
    cluster.local.setFaults([]);
    await harness.provider.close();
  });

  test("a failing Job fails at once, with its reason", async () => {
    cluster.local.setFaults([{ kind: "Job", namespace: "default", name: "broken", reason: "BackoffLimitExceeded" }]);
    const error = await failure(harness.create(job("default", "broken"), { timeoutSeconds: 30 }), PartialFailure);
    expect(error.message).toContain("the Job failed: BackoffLimitExceeded");
  });

  test("a Job that failed is awaited again; with the annotation it is made anew, until it is complete", async () => {
    cluster.local.setFaults([{ kind: "Job", namespace: "default", name: "again", reason: "BackoffLimitExceeded" }]);
    const declared = job("default", "again");
    const { metadata, spec } = declared.inputs as { metadata: Properties; spec: Properties };
    const asked: Declaration = {
      ...declared,
      inputs: { metadata: { ...metadata, annotations: { "pulumi.com/replaceUnready": "true" } }, spec },
    };
    for (const [one, replaces] of [
      [declared, []],
      [asked, ["spec"]],
    ] as const) {
      const broken = await failure(harness.create(one, { timeoutSeconds: 30 }), PartialFailure);
      const inputs = await harness.checked(one);
      const state = { id: broken.id, inputs, outputs: broken.outputs };
      const diff = await harness.diff(one, state);
      expect(diff.changes.filter(({ replace }) => replace).map(({ path }) => path)).toEqual(replaces);
      expect(diff.deleteBeforeReplace ?? false).toBe(replaces.length > 0);
      const waited = await failure(harness.update(one, state, { timeoutSeconds: 30 }), PartialFailure);
      expect(waited.message).toContain("the Job failed");
      await harness.delete(one, state);
    }
    cluster.local.setFaults([]);
    const whole = await harness.create(asked, { timeoutSeconds: 30 });
    expect((await harness.diff(asked, whole)).changes).toEqual([]);
  });

  test("a Deployment past its deadline fails at once; one that crashes says so when time is up", async () => {
    const fault = {
      kind: "Deployment",
      namespace: "default",
      name: "crash",
      reason: "CrashLoopBackOff",
      message: "back-off restarting",
    };
    cluster.local.setFaults([{ ...fault, final: true }]);
    const declared = deployment("default", "crash");
    const overdue = await failure(harness.create(declared, { timeoutSeconds: 30 }), PartialFailure);
    expect(overdue.message).toContain("has timed out progressing");
    expect(overdue.message).toContain("CrashLoopBackOff: back-off restarting");
    cluster.local.setFaults([fault]);
    // Otherwise the object's status is still that of the first fault.
    await cluster.local.settle();
    const slow = await failure(harness.create(declared, { timeoutSeconds: 1 }), PartialFailure);
    expect(slow.message).toContain("0 of 2 pods are available");
    cluster.local.setFaults([]);
    const state = { id: slow.id, inputs: await harness.checked(declared), outputs: slow.outputs };
    expect(at((await harness.update(declared, state)).outputs as Json, "status", "availableReplicas")).toBe(2);
  });

  test("an interrupt while waiting keeps the object", async () => {
    const interrupt = new AbortController();
    const creating = failure(
      harness.create(service("default", "waiting"), { signal: interrupt.signal }),
      PartialFailure,
    );
    const path = "/api/v1/namespaces/default/services/waiting";
    await until(async () => (await cluster.client.get(path)) !== undefined, "the object was made");
    interrupt.abort(new Error("Ctrl-C"));
    const error = await creating;
    expect(error.message).toContain("interrupted while it was awaited");
    expect(error.id).toBe("default/waiting");
  });

  test("an Ingress is ready once the controller publishes its address", async () => {
    for (const declared of ingressController("default")) await harness.create(declared);
    await harness.create(deployment("default", "web"));
    await harness.create(service("default", "web"));
    const path = { path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } };
    const ingress: Declaration = {
      type: "kubernetes:networking.k8s.io/v1:Ingress",
      name: "route",
      inputs: {
        metadata: { name: "route", namespace: "default" },
        spec: { ingressClassName: "nginx-default", rules: [{ host: "a.example.com", http: { paths: [path] } }] },
      },
    };
    const made = await harness.create(ingress, { timeoutSeconds: 20 });
    expect(textAt(made.outputs as Json, "status", "loadBalancer", "ingress", 0, "ip")).toBe("10.0.0.100");
  });

  test("waitFor takes the place of the kind's own rule, and is checked", async () => {
    const declared = (waitFor: string): Declaration => {
      const base = deployment("default", "custom", { nodeSelector: { none: "such" } });
      return {
        ...base,
        inputs: {
          ...base.inputs,
          metadata: { name: "custom", namespace: "default", annotations: { "pulumi.com/waitFor": waitFor } },
        },
      };
    };
    await harness.create(declared("jsonpath={.status.replicas}=2"));
    await expect(harness.create(declared("phase=Running"))).rejects.toThrow('"phase=Running" is not understood');
  });

  test("custom timeouts: the resource option wins over the annotation", async () => {
    const base = service("default", "slow");
    const annotated: Declaration = {
      ...base,
      inputs: {
        ...base.inputs,
        metadata: { name: "slow", namespace: "default", annotations: { "pulumi.com/timeoutSeconds": "1" } },
      },
    };
    expect((await failure(harness.create(annotated), PartialFailure)).message).toContain("within 1 s");
    expect((await failure(harness.create(annotated, { timeoutSeconds: 2 }), PartialFailure)).message).toContain(
      "within 2 s",
    );
  });
});

describe("without a cluster", () => {
  const dead = (): string => cluster.local.kubeconfig.replace(/server: .*/, "server: https://127.0.0.1:1");
  const withProvider = async (config: Properties, use: (harness: Harness) => Promise<void>): Promise<void> => {
    const provider = await kubernetesProvider(config);
    try {
      await use(new Harness(provider));
    } finally {
      await provider.close();
    }
  };

  test("a kubeconfig that this run makes: inputs are checked, previews work", () =>
    withProvider({ kubeconfig: UNKNOWN, clusterIdentifier: "demo" }, async (harness) => {
      const base = deployment("default", "web", { priorityClassName: UNKNOWN });
      const inputs = await harness.checked(base);
      const { id, outputs } = await harness.provider.create(harness.context(base, { preview: true }), inputs);
      expect(id).toBe("");
      expect(outputs).toMatchObject({
        apiVersion: "apps/v1",
        kind: "Deployment",
        status: UNKNOWN,
        metadata: { name: "web", uid: UNKNOWN },
      });
      const wrong = deployment(
        "default",
        "web",
        { containers: [{ name: "web", image: UNKNOWN, imagePullPolice: "Always" }] },
        { replicas: "two" },
      );
      const error = await failure(harness.checked(wrong), Error);
      expect(error.message).toContain("spec.replicas");
      expect(error.message).toContain("spec.template.spec.containers[0].imagePullPolice: unknown field");
      expect(error.message).not.toContain("containers[0].image:");
    }));

  test("known but unreachable: previews pass, an apply fails plainly, deleting only with deleteUnreachable", async () => {
    const map = configMap("default", "a", { a: "1" });
    await withProvider({ kubeconfig: dead() }, async (harness) => {
      const inputs = await harness.checked(map);
      await harness.provider.create(harness.context(map, { preview: true }), inputs);
      const error = await failure(harness.create(map), Error);
      expect(error.message).toContain("the Kubernetes API https://127.0.0.1:1 cannot be reached");
      const state = { id: "default/a", inputs, outputs: inputs };
      await expect(harness.delete(map, state)).rejects.toThrow("set deleteUnreachable");
    });
    await withProvider({ kubeconfig: dead(), deleteUnreachable: "true" }, async (harness) => {
      const inputs = await harness.checked(map);
      await harness.delete(map, { id: "default/a", inputs, outputs: inputs });
      expect(harness.messages.join()).toContain("warning: default/a is forgotten, not deleted");
    });
  });

  test("configuration: every mistake at once, and never the kubeconfig itself", async () => {
    const wrong = kubernetesProvider({ enableServerSideApply: "false", enableSecretMutable: "perhaps", colour: "red" });
    await expect(wrong).rejects.toThrow(/enableSecretMutable.*colour|colour.*enableSecretMutable/);
    await expect(kubernetesProvider({})).rejects.toThrow("kubeconfig: missing");
    const secret = "apiVersion: v1\nclient-key-data: SECRET\n  broken: [";
    const error = await failure(kubernetesProvider({ kubeconfig: secret }), Error);
    expect(error.message).not.toContain("SECRET");
    await expect(
      kubernetesProvider({
        kubeconfig: cluster.local.kubeconfig.replace("server:", "proxy-url: http://p\n      server:"),
      }),
    ).rejects.toThrow("proxy-url is not supported");
    await expect(kubernetesProvider({ kubeconfig: cluster.local.kubeconfig, context: "other" })).rejects.toThrow(
      'context "other" is not there; there are: standin',
    );
  });

  test("tls-server-name: the certificate is checked against it", async () => {
    const named = (name: string): string =>
      cluster.local.kubeconfig.replace(/tls-server-name: .*/, `tls-server-name: ${name}`);
    const map = configMap("default", "tls", { a: "1" });
    await withProvider(
      { kubeconfig: named("kubernetes.default.svc") },
      async (harness) => void (await harness.create(map)),
    );
    await withProvider({ kubeconfig: named("elsewhere.example.com") }, async (harness) => {
      await expect(harness.create(map)).rejects.toThrow(/cannot be reached.*altnames/i);
    });
  });

  test("types that are no plain objects are refused", () =>
    withProvider({ kubeconfig: UNKNOWN }, async (harness) => {
      for (const type of [
        "kubernetes:helm.sh/v3:Release",
        "kubernetes:core/v1:ConfigMapPatch",
        "kubernetes:yaml:ConfigFile",
      ])
        await expect(harness.checked({ type, name: "a", inputs: {} })).rejects.toThrow(
          "not supported by the embedded engine",
        );
      await expect(harness.provider.invoke("kubernetes:yaml:decode", {})).rejects.toThrow("not supported");
      await expect(
        harness.checked({ ...configMap("a", "b", {}), inputs: { apiVersion: "v2", metadata: { generateName: "x-" } } }),
      ).rejects.toThrow(/apiVersion.*generateName/);
    }));
});

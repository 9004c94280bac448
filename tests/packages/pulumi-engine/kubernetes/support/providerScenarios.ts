import { at, listAt, numberAt, textAt, type Json } from "@standin/kubernetes-api/wire/json";
import { kubernetesProvider } from "@standin/pulumi-engine/providers/kubernetes";
import { PartialFailure, UNKNOWN, type Properties, type ResourceState } from "@standin/pulumi-engine/provider";
import { configMap, deployment, failure, Harness, job, service, type Declaration } from "./harness";

const outputs = (state: ResourceState | undefined): Json => (state?.outputs ?? {}) as Json;
let counter = 0;

/**
 * What the provider does against any API server, in-process or real.
 * @param start gives the kubeconfig of a cluster with at least two nodes.
 */
export function providerScenarios(start: () => Promise<string>): void {
  let kubeconfig: string;
  let harness: Harness;
  let namespace: string;
  let home: ResourceState;
  const declareNamespace = (name: string): Declaration => ({
    type: "kubernetes:core/v1:Namespace",
    name,
    inputs: { metadata: { name } },
  });

  beforeAll(async () => {
    kubeconfig = await start();
  });
  beforeEach(async () => {
    harness = new Harness(await kubernetesProvider({ kubeconfig, enableConfigMapMutable: true }));
    namespace = `scenario-${process.pid}-${++counter}`;
    home = await harness.create(declareNamespace(namespace));
  });
  afterEach(async () => {
    await harness.delete(declareNamespace(namespace), home);
    await harness.provider.close();
  });

  test("create, update with a removed field, delete; deleting twice is fine", async () => {
    const made = await harness.create(configMap(namespace, "settings", { a: "1", b: "2" }));
    expect(made.id).toBe(`${namespace}/settings`);
    expect(at(outputs(made), "metadata", "managedFields")).toBeUndefined();
    const changed = await harness.update(configMap(namespace, "settings", { a: "3" }), made);
    expect(at(outputs(changed), "data")).toEqual({ a: "3" });
    expect(at(outputs(changed), "metadata", "uid")).toBe(at(outputs(made), "metadata", "uid"));
    await harness.delete(configMap(namespace, "settings", {}), changed);
    await harness.delete(configMap(namespace, "settings", {}), changed);
    expect(await harness.read(configMap(namespace, "settings", {}), made.id)).toBeUndefined();
  });

  test("a Deployment is awaited, at its creation and at a new version; its Service waits for it", async () => {
    const made = await harness.create(deployment(namespace, "web"));
    expect(numberAt(outputs(made), "status", "availableReplicas")).toBe(2);
    const reachable = await harness.create(service(namespace, "web"));
    expect(textAt(outputs(reachable), "spec", "clusterIP")).toMatch(/^10\./);
    const next = await harness.update(deployment(namespace, "web", {}, { replicas: 3 }), made);
    expect(numberAt(outputs(next), "status", "availableReplicas")).toBe(3);
    expect(numberAt(outputs(next), "status", "observedGeneration")).toBe(
      numberAt(outputs(next), "metadata", "generation"),
    );
  });

  test("a workload that cannot be placed times out; it is kept, with the reason", async () => {
    const lost = deployment(namespace, "lost", { nodeSelector: { disk: "ssd" } });
    const error = await failure(harness.create(lost, { timeoutSeconds: 2 }), PartialFailure);
    expect(error.id).toBe(`${namespace}/lost`);
    expect(error.message).toContain(`apps/v1 Deployment ${namespace}/lost: not ready within 2 s`);
    expect(error.message).toMatch(/nodes are available/);
    expect(textAt(error.outputs as Json, "metadata", "name")).toBe("lost");
  });

  test("a Service nothing answers for times out; headless, selector-less and skipAwait ones do not wait", async () => {
    const error = await failure(harness.create(service(namespace, "nobody"), { timeoutSeconds: 1 }), PartialFailure);
    expect(error.message).toContain("no ready pod is behind it");
    await harness.create(service(namespace, "headless", { clusterIP: "None" }));
    await harness.create(service(namespace, "manual", { selector: null }));
    const skipped = service(namespace, "skipped");
    await harness.create({
      ...skipped,
      inputs: {
        ...skipped.inputs,
        metadata: { name: "skipped", namespace, annotations: { "pulumi.com/skipAwait": "true" } },
      },
    });
  });

  test("a Job is awaited until it completes", async () => {
    const done = await harness.create(job(namespace, "migrate"), { timeoutSeconds: 30 });
    expect(listAt(outputs(done), "status", "conditions").map((entry) => textAt(entry, "type"))).toContain("Complete");
  });

  test("names are made where none is given, stay at an update, and are marked", async () => {
    const unnamed = (data: Properties): Declaration => ({
      type: "kubernetes:core/v1:ConfigMap",
      name: "unnamed",
      inputs: { metadata: { namespace }, data },
    });
    const made = await harness.create(unnamed({ a: "1" }));
    const name = textAt(outputs(made), "metadata", "name") ?? "";
    expect(name).toMatch(/^unnamed-[0-9a-z]{7,}$/);
    expect(at(outputs(made), "metadata", "annotations", "pulumi.com/autonamed")).toBe("true");
    const changed = await harness.update(unnamed({ a: "2" }), made);
    expect(textAt(outputs(changed), "metadata", "name")).toBe(name);
  });

  test("Secrets: stringData arrives as data, and a removed key goes", async () => {
    const secret = (stringData: Properties): Declaration => ({
      type: "kubernetes:core/v1:Secret",
      name: "secret",
      inputs: { metadata: { name: "secret", namespace }, stringData },
    });
    const made = await harness.create(secret({ a: "hello", b: "gone" }));
    expect(at(outputs(made), "data")).toEqual({ a: "aGVsbG8=", b: "Z29uZQ==" });
    const changed = await harness.update(secret({ a: "hello" }), made);
    expect(at(outputs(changed), "data")).toEqual({ a: "aGVsbG8=" });
    expect(harness.provider.secretOutputs("kubernetes:core/v1:Secret")).toEqual(["data", "stringData"]);
  });

  test("another manager's field is a conflict that says what to do; patchForce takes it over", async () => {
    await harness.create(configMap(namespace, "shared", { a: "1" }));
    const other = configMap(namespace, "shared", { a: "2" });
    const stranger = { ...other, name: "stranger" };
    const error = await failure(harness.create(stranger), Error);
    expect(error.message).toContain("conflict");
    expect(error.message).toContain("pulumi.com/patchForce");
    expect(error).not.toBeInstanceOf(PartialFailure);
    const forced = {
      ...stranger,
      inputs: {
        ...stranger.inputs,
        metadata: { name: "shared", namespace, annotations: { "pulumi.com/patchForce": "true" } },
      },
    };
    expect(at(outputs(await harness.create(forced)), "data")).toEqual({ a: "2" });
  });

  test("a custom resource waits for its CRD", async () => {
    const plural = `gadgets${counter}`;
    const group = `p${process.pid}.example.com`;
    const crd: Declaration = {
      type: "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
      name: plural,
      inputs: {
        metadata: { name: `${plural}.${group}` },
        spec: {
          group,
          scope: "Namespaced",
          names: { plural, singular: plural, kind: "Gadget", listKind: "GadgetList" },
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
                },
              },
            },
          ],
        },
      },
    };
    const gadget = (spec: Properties): Declaration => ({
      type: `kubernetes:${group}/v1:Gadget`,
      name: "gadget",
      inputs: { metadata: { name: "gadget", namespace }, spec },
    });
    const waiting = harness.create(gadget({ size: 1 }));
    const kind = await harness.create(crd);
    const made = await waiting;
    expect(made.id).toBe(`${namespace}/gadget`);
    const wrong = await failure(harness.update(gadget({ size: 1, colour: "red" }), made), Error);
    expect(wrong.message).toMatch(/colour/);
    await harness.delete(gadget({}), made);
    await harness.delete(crd, kind);
  });

  test("an unknown kind is an error after a bounded wait", async () => {
    const unknown: Declaration = {
      type: "kubernetes:nowhere.example.com/v1:Thing",
      name: "thing",
      inputs: { metadata: { name: "thing", namespace } },
    };
    const error = await failure(harness.create(unknown, { timeoutSeconds: 1 }), Error);
    expect(error.message).toContain("the cluster serves no Thing in nowhere.example.com/v1 (waited 1 s)");
  });

  test("a preview changes nothing, and finds what the server would refuse", async () => {
    const planned = deployment(namespace, "planned");
    const inputs = await harness.checked(planned);
    const { id, outputs: planned_ } = await harness.provider.create(
      harness.context(planned, { preview: true }),
      inputs,
    );
    expect(id).toBe("");
    expect(planned_.status).toBe(UNKNOWN);
    expect(await harness.read(planned, `${namespace}/planned`)).toBeUndefined();
    const made = await harness.create(planned);
    const relabelled = deployment(namespace, "planned", {}, { selector: { matchLabels: { app: "new" } } });
    const wrong = harness.provider.update(
      harness.context(planned, { preview: true }),
      made,
      await harness.checked(relabelled),
    );
    await expect(wrong).rejects.toThrow(/selector/);
    // The namespace may be made by the same run.
    const early = configMap(`${namespace}-new`, "early", { a: "1" });
    await harness.provider.create(harness.context(early, { preview: true }), await harness.checked(early));
  });

  test("read: drift in stated fields only, and adoption of an existing object", async () => {
    const declared = deployment(namespace, "drift");
    const made = await harness.create(declared);
    const unchanged = await harness.read(declared, made.id, made);
    expect(unchanged?.inputs).toEqual(made.inputs);
    const changed = deployment(namespace, "drift", {}, { replicas: 3 });
    await harness.update(changed, made);
    expect(at((await harness.read(declared, made.id, made))?.inputs as Json, "spec", "replicas")).toBe(3);
    const adopted = await harness.read(declared, made.id);
    expect(at(adopted?.inputs as Json, "metadata", "uid")).toBeUndefined();
    expect(adopted?.inputs.status).toBeUndefined();
    expect(at(adopted?.inputs as Json, "spec", "template", "spec", "containers", 0, "image")).toBe("nginx:1.29");
  });

  test("recover finds what a lost create left, and nobody else's object", async () => {
    const mine = configMap(namespace, "mine", { a: "1" });
    const made = await harness.create(mine);
    expect((await harness.provider.recover(harness.context(mine), made.inputs))?.id).toBe(made.id);
    expect(await harness.provider.recover(harness.context({ ...mine, name: "another" }), made.inputs)).toBeUndefined();
    const missing = await harness.checked(configMap(namespace, "missing", {}));
    expect(await harness.provider.recover(harness.context(mine), missing)).toBeUndefined();
  });

  test("an Ingress waits for its backends and for a published address", async () => {
    const lonely: Declaration = {
      type: "kubernetes:networking.k8s.io/v1:Ingress",
      name: "route",
      inputs: {
        metadata: { name: "route", namespace },
        spec: {
          ingressClassName: "nobody",
          rules: [
            {
              host: "a.example.com",
              http: {
                paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } }],
              },
            },
          ],
        },
      },
    };
    const missing = await failure(harness.create(lonely, { timeoutSeconds: 1 }), PartialFailure);
    expect(missing.message).toContain('its Service "web" is not there');
    await harness.create(deployment(namespace, "web"));
    await harness.create(service(namespace, "web"));
    const unpublished = await failure(harness.create(lonely, { timeoutSeconds: 1 }), PartialFailure);
    expect(unpublished.message).toContain("no ingress controller has published an address");
  });
}

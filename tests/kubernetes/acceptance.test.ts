import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import { KubeClient } from "@standin/kubernetes-api/wire/kubeClient";
import { listAt, numberAt, objectAt, textAt, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { knownStacks, loadEnvironment } from "../../stacks/loadEnvironment";
import { throughGateway } from "../../tools/throughGateway";
import { CloudView } from "../scenario/support/cloudView";
import { Stand, type RunDocument } from "../scenario/support/stand";
import { prodWith, withRealNeeds, writtenApps, writtenObjects } from "../apps/support/page";
import { kubernetesObjects, nameOf as nameOfObject, type KubernetesObject } from "../support/kubernetesObjects";
import { registeredStack } from "../support/registered";
import { failMigration, withoutRoom } from "./support/failMigration";
import { installGatewayApi } from "./support/gatewayApi";
import { refusals } from "./support/strictApply";

// The first run on a machine builds the binaries.
jest.setTimeout(30 * 60_000);

const CACHE = join(__dirname, "..", "..", ".cache", "kubernetes");
const FIVE = "...workers(5, ";
const SIX = "...workers(6, ";
const WEB = "/apis/apps/v1/namespaces/chatwoot/deployments/chatwoot-web";

/** Those that prod registers. */
const knownNamespaces = (): readonly string[] =>
  registeredStack("prod")
    .filter(({ urn }) => urn.includes("$kubernetes:core/v1:Namespace::"))
    .map(({ inputs }) => (inputs["metadata"] as { readonly name: string }).name);

/** One API server for all of it, as `rehearse cloud --kubernetes real` keeps it in the foreground. */
describe("a real Kubernetes API", () => {
  let stand: Stand;
  let view: CloudView;
  let client: KubeClient | undefined;
  let up: RunDocument;
  const apps = writtenApps().map(({ app }) => app);
  let pageObjects: readonly KubernetesObject[];
  const api = (): KubeClient => {
    if (client === undefined) throw new Error("the cluster did not start");
    return client;
  };
  const get = (path: string): Promise<JsonObject> => api().request({ method: "GET", path });
  const list = async (path: string): Promise<JsonObject[]> => listAt(await get(path), "items") as JsonObject[];
  const nameOf = (object: JsonObject): string =>
    `${textAt(object, "metadata", "namespace")}/${textAt(object, "metadata", "name")}`;

  beforeAll(async () => {
    // Before there are connections, which the server would end while this takes its time.
    pageObjects = await kubernetesObjects(withRealNeeds(prodWith(apps, writtenObjects().objects)));
    stand = new Stand();
    // The binaries are those of the project itself, not built anew for its copy.
    mkdirSync(CACHE, { recursive: true });
    mkdirSync(join(stand.project, ".cache"));
    symlinkSync(CACHE, join(stand.project, ".cache", "kubernetes"));
    view = await CloudView.open(stand, "prod", "--kubernetes", "real");
    client = new KubeClient(parseKubeconfig(view.kubeconfig));
  });
  afterAll(async () => {
    client?.close();
    await stand.dispose();
  });

  test.each(knownStacks())("strictly accepts every object of %s", async (stack) => {
    const objects = await kubernetesObjects(stack);
    expect(objects.length).toBeGreaterThan(100);
    expect(await refusals(api(), objects)).toEqual([]);
  });

  test("strictly accepts what is made of each entry of docs/applications.md, a chart's objects among them", async () => {
    expect(pageObjects.map(nameOfObject)).toContain("Deployment tools/redis-insight");
    for (const { name, namespace = name } of apps)
      expect([name, pageObjects.some(({ metadata }) => metadata.namespace === namespace)]).toEqual([name, true]);
    expect(await refusals(api(), pageObjects)).toEqual([]);
  });

  test("strictness is the server's own: a field that does not exist is refused", async () => {
    const metadata = { name: "misspelt", namespace: "chatwoot" };
    const misspelt = { apiVersion: "v1", kind: "ConfigMap", metadata, datta: { a: "b" } };
    expect(await refusals(api(), [misspelt])).toEqual([
      expect.stringMatching(/^ConfigMap chatwoot\/misspelt: .*datta/),
    ]);
  });

  test("accepts every route as HTTPRoute, with the Gateway API's own CRDs", async () => {
    await installGatewayApi(api());
    let route: KubernetesObject | undefined;
    for (const stack of knownStacks()) {
      const objects = await kubernetesObjects(throughGateway(loadEnvironment(stack)));
      const routes = objects.filter(({ apiVersion }) => apiVersion.startsWith("gateway."));
      expect(routes.filter(({ kind }) => kind === "HTTPRoute").length).toBeGreaterThan(5);
      expect(await refusals(api(), routes)).toEqual([]);
      route = routes.find(({ kind }) => kind === "HTTPRoute");
    }
    // The CRDs' own rules are at work, not only their fields.
    const rules = listAt(route as unknown as JsonObject, "spec", "rules").map((rule) => ({
      ...(rule as JsonObject),
      timeouts: { request: "10s", backendRequest: "20s" },
    }));
    const impatient = { ...route, spec: { ...(route?.["spec"] as object), rules } } as KubernetesObject;
    expect(await refusals(api(), [impatient])).toEqual([expect.stringMatching(/backendRequest/)]);
  });

  test("prod comes up whole", async () => {
    const { code, document, stderr } = await stand.document("up");
    expect([code, document.errors, code === 0 ? "" : stderr.slice(-4000)]).toEqual([0, [], ""]);
    up = document;
  });

  test("Deployments, DaemonSets, StatefulSets and Jobs are ready", async () => {
    const deployments = await list("/apis/apps/v1/deployments");
    expect(deployments.length).toBeGreaterThan(10);
    const short = (kind: readonly JsonObject[], wanted: readonly string[], is: string): string[] =>
      kind.filter((object) => (numberAt(object, ...wanted) ?? 0) !== (numberAt(object, "status", is) ?? 0)).map(nameOf);
    expect(short(deployments, ["spec", "replicas"], "readyReplicas")).toEqual([]);
    const daemonSets = await list("/apis/apps/v1/daemonsets");
    expect(short(daemonSets, ["status", "desiredNumberScheduled"], "numberReady")).toEqual([]);
    const ingress = daemonSets.find((object) => nameOf(object) === "ingress-nginx/ingress-nginx-controller");
    expect(numberAt(ingress ?? {}, "status", "numberReady")).toBe(8);
    const statefulSets = await list("/apis/apps/v1/statefulsets");
    expect(statefulSets.map(nameOf).sort()).toEqual([
      "monitoring/alertmanager",
      "monitoring/prometheus",
      "vault/vault",
    ]);
    expect(short(statefulSets, ["spec", "replicas"], "readyReplicas")).toEqual([]);
    const jobs = await list("/apis/batch/v1/jobs");
    // Each name ends with a checksum.
    expect(jobs.map((job) => nameOf(job).replace(/-[^-]+$/, "")).sort()).toEqual([
      "ai/llm-proxy-migrate",
      "chatwoot/chatwoot-first-account",
      "chatwoot/chatwoot-migrate",
      "n8n/n8n-first-account",
      "n8n/n8n-migrate",
      "superset/superset-init",
    ]);
    expect(jobs.filter((object) => numberAt(object, "status", "succeeded") !== 1).map(nameOf)).toEqual([]);
  });

  test("Chatwoot's migration ended before its pods were made", async () => {
    const jobs = await list("/apis/batch/v1/namespaces/chatwoot/jobs");
    const migration = jobs.find((job) => nameOf(job).includes("/chatwoot-migrate-"));
    const ended = Date.parse(textAt(migration ?? {}, "status", "completionTime") ?? "");
    const pods = (await list("/api/v1/namespaces/chatwoot/pods")).filter((pod) =>
      /chatwoot-(web|worker)-/.test(nameOf(pod)),
    );
    expect(pods).toHaveLength(4);
    for (const pod of pods)
      expect(Date.parse(textAt(pod, "metadata", "creationTimestamp") ?? "")).toBeGreaterThanOrEqual(ended);
  });

  test("every workload came up in the order given: after the Jobs that it depends on", async () => {
    const objects = await Promise.all(
      [
        "/apis/apps/v1/deployments",
        "/apis/apps/v1/daemonsets",
        "/apis/apps/v1/statefulsets",
        "/apis/batch/v1/jobs",
      ].map(list),
    );
    const kinds = ["Deployment", "DaemonSet", "StatefulSet", "Job"];
    // A Job's name ends with a checksum, of secrets too.
    const plain = (key: string): string => (key.startsWith("Job ") ? key.replace(/-[0-9a-f]+$/, "") : key);
    const there = new Map<string, JsonObject>(
      objects.flatMap((of, i) => of.map((one) => [plain(`${kinds[i]} ${nameOf(one)}`), one] as const)),
    );
    const graph = registeredStack("prod");
    const byUrn = new Map(graph.map((one) => [one.urn, one]));
    const keyOf = (urn: string): string => {
      const metadata = byUrn.get(urn)?.inputs["metadata"] as { readonly name?: string; readonly namespace?: string };
      return plain(`${urn.split("::")[2]?.split(":").at(-1)} ${metadata?.namespace}/${metadata?.name}`);
    };
    const time = (object: JsonObject | undefined, ...path: readonly string[]): number =>
      Date.parse(textAt(object ?? {}, ...path) ?? "");
    const pairs = graph
      .filter(({ urn }) => /:(?:Deployment|DaemonSet|StatefulSet|Job)::/.test(urn))
      .flatMap(({ urn, dependencies }) =>
        dependencies.filter((one) => /:Job::/.test(one)).map((one) => [keyOf(urn), keyOf(one)] as const),
      );
    expect(pairs.length).toBeGreaterThanOrEqual(10);
    const early = pairs.filter(([later, one]) => {
      const ended = time(there.get(one), "status", "completionTime");
      return !(time(there.get(later), "metadata", "creationTimestamp") >= ended);
    });
    expect(early).toEqual([]);
  });

  test("a second up changes nothing", async () => {
    const { code, document } = await stand.document("up");
    expect(document.errors).toEqual([]);
    expect(code).toBe(0);
    expect(document.summary).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: up.summary.create });
  });

  test("a failed migration leaves the old pods serving, and says so", async () => {
    const before = await get(WEB);
    const image = (deployment: JsonObject): string | undefined =>
      textAt(listAt(deployment, "spec", "template", "spec", "containers")[0], "image");
    stand.edit("stacks/versions.ts", "chatwoot-keybuzz:v3.12.0", "chatwoot-keybuzz:v3.12.1");
    const roomy = await withoutRoom(api());
    const run = stand.start("up", "--json");
    await failMigration(api(), "chatwoot", "chatwoot-migrate-", run.ended);
    const { code, stdout } = await run.ended;
    await roomy();
    expect(code).toBe(1);
    const document = JSON.parse(stdout) as RunDocument;
    const failed = document.resources.filter(({ status }) => status === "failed");
    expect(failed.map(({ type, name }) => [type, name])).toEqual([["kubernetes:batch/v1:Job", "chatwoot-migration"]]);
    expect(failed[0]?.error).toMatch(/chatwoot-migrate-\w+.*BackoffLimitExceeded|BackoffLimitExceeded/s);

    const after = await get(WEB);
    expect(image(after)).toBe(image(before));
    expect(objectAt(after, "status")["readyReplicas"]).toBe(2);
    const slices = await list(
      "/apis/discovery.k8s.io/v1/namespaces/chatwoot/endpointslices?labelSelector=kubernetes.io/service-name%3Dchatwoot-web",
    );
    const ready = slices.flatMap((slice) => listAt(slice, "endpoints") as JsonObject[]);
    expect(ready.filter((endpoint) => objectAt(endpoint, "conditions")["ready"] === true)).toHaveLength(2);
  });

  test("mended, the next up goes through and starts the new version; a worker more is a node more", async () => {
    stand.edit("stacks/prod.ts", FIVE, SIX);
    stand.edit("stacks/versions.ts", "chatwoot-keybuzz:v3.12.1", "chatwoot-keybuzz:v3.12.2");
    const { code, document } = await stand.document("up");
    expect(document.errors).toEqual([]);
    expect(code).toBe(0);
    expect(JSON.stringify(objectAt(await get(WEB), "spec"))).toContain(":v3.12.2");
    expect(objectAt(await get(WEB), "status")["readyReplicas"]).toBe(2);
    expect((await list("/api/v1/nodes")).map(nameOf)).toContain("undefined/k3s-worker-06");
  });

  test("a worker fewer: emptied in one run, and by consent its Node is retired before its machine goes", async () => {
    const duties = 'duties: { 3: "ai", 5: "monitoring" }';
    stand.edit("stacks/prod.ts", `${duties} })`, `${duties}, leaving: [6] })`);
    expect((await stand.run("up", "--consent", "k3s-worker-06")).code).toBe(0);
    stand.edit("stacks/prod.ts", `${duties}, leaving: [6] })`, `${duties} })`);
    stand.edit("stacks/prod.ts", SIX, FIVE);
    const { code, stderr } = await stand.run("up");
    expect(code).toBe(0);
    const deleted = stderr.split("\n").filter((line) => /^delete .*k3s-worker-06/.test(line));
    const at = (what: string): number => deleted.findIndex((line) => line.startsWith(`delete ${what} `));
    expect(at("Command k3s-worker-06-retire")).toBeGreaterThanOrEqual(0);
    expect(at("Server k3s-worker-06")).toBeGreaterThan(at("Command k3s-worker-06-retire"));
    const nodes = (await list("/api/v1/nodes")).map((node) => textAt(node, "metadata", "name"));
    expect(nodes).toHaveLength(8);
    expect(nodes).not.toContain("k3s-worker-06");
  });

  test("destroy takes the program's namespaces with everything in them, and leaves those that every cluster has", async () => {
    const own = knownNamespaces();
    expect((await list("/api/v1/namespaces")).map((one) => textAt(one, "metadata", "name"))).toEqual(
      expect.arrayContaining([...own]),
    );
    const { code, document } = await stand.document("destroy", "--consent", "prod");
    expect([code, document.errors]).toEqual([0, []]);
    const left = (await list("/api/v1/namespaces")).map((one) => textAt(one, "metadata", "name") ?? "");
    expect(left.filter((name) => own.includes(name))).toEqual([]);
    expect(left).toEqual(expect.arrayContaining(["default", "kube-system"]));
    for (const path of ["/api/v1/persistentvolumeclaims", "/apis/batch/v1/jobs", "/apis/apps/v1/statefulsets"])
      expect((await list(path)).filter((one) => own.includes(textAt(one, "metadata", "namespace") ?? ""))).toEqual([]);
  });

  test("it ends as Ctrl-C ends it", async () => {
    expect(await view.close()).toBe(0);
  });
});

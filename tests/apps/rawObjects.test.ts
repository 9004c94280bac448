import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Mistakes, type Mistake } from "../../components/mistakes";
import { DELEGATED } from "../../components/network/certificatePlan";
import { emittedGraph, EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import type { Environment } from "../../stacks/environment";
import { judgeEnvironment } from "../../stacks/judgeEnvironment";
import { draftEstate } from "../../stacks/plan";
import { environment as prod } from "../../stacks/prod";
import { readObjects } from "../../stacks/readObjects";
import { verify } from "../../verifier/verify";
import type { EmittedGraph } from "../../verifier/read/graph";

jest.setTimeout(180_000);

type Loose = Readonly<Record<string, unknown>>;
type ObjectsSpec = NonNullable<Environment["workloads"]["objects"]>[number];

const LABELS = { "app.kubernetes.io/name": "redis-insight" };
/** As its chart renders it, but for what charts write at length. */
const DEPLOYMENT = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "redis-insight", labels: LABELS },
  spec: {
    replicas: 2,
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: LABELS } },
        ],
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 90,
        containers: [
          {
            name: "redis-insight",
            image: "redis/redisinsight:2.70",
            ports: [{ name: "http", containerPort: 5540 }],
            lifecycle: { preStop: { sleep: { seconds: 15 } } },
          },
        ],
      },
    },
  },
}; // prettier-ignore
const SERVICE = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "redis-insight" },
  spec: { selector: LABELS, ports: [{ name: "http", port: 80, targetPort: "http" }] },
};
const CONFIG = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" }, data: { a: "b" } };
const INSIGHT: ObjectsSpec = {
  name: "redis-insight",
  namespace: "tools",
  manifests: [DEPLOYMENT, SERVICE, CONFIG],
  pods: [
    {
      name: "redis-insight",
      port: 80,
      expose: [{ host: "redis.keybuzz.io", routes: [{ kind: "http", path: "/", audience: "operators" }] }],
      internet: [{ port: 443, purpose: "asks for updates" }],
    },
  ],
};

const withObjects = (entry: ObjectsSpec): Environment => ({
  ...prod,
  workloads: { ...prod.workloads, objects: [entry] },
});
const more = (...manifests: readonly unknown[]): ObjectsSpec => ({
  ...INSIGHT,
  manifests: [...(INSIGHT.manifests ?? []), ...manifests],
});

describe("objects that others wrote", () => {
  let graph: EmittedGraph;
  beforeAll(async () => {
    graph = await emittedGraph(withObjects(INSIGHT), EXAMPLE_SETTINGS);
  });

  test("are registered as what they are, in their namespace, and proved", () => {
    const own = graph.resources.filter(({ name }) => name.startsWith("redis-insight-objects-"));
    expect(own.map(({ type, name }) => [type, name]).sort()).toEqual([
      ["kubernetes:apps/v1:Deployment", "redis-insight-objects-deployment-redis-insight"],
      ["kubernetes:core/v1:ConfigMap", "redis-insight-objects-configmap-settings"],
      ["kubernetes:core/v1:Service", "redis-insight-objects-service-redis-insight"],
    ]);
    expect(new Set(own.map(({ inputs }) => (inputs["metadata"] as Loose)["namespace"]))).toEqual(new Set(["tools"]));
    expect(graph.resources.map(({ name }) => name)).toContain("policies-tools-deny-all");
    expect(verify(graph).findings).toEqual([]);
  });

  /** The same graph with one object more, as the program registers it. */
  const findingsWith = (type: string, object: Loose, accepted: readonly Loose[] = []) => {
    const name = `redis-insight-objects-${String(object["kind"]).toLowerCase()}-x`;
    const resources = graph.resources.map((one) => {
      const declaration = one.inputs["declaration"] as { readonly accepted: readonly Loose[] } | undefined;
      if (declaration === undefined) return one;
      return { ...one, inputs: { declaration: { ...declaration, accepted: [...declaration.accepted, ...accepted] } } };
    });
    return verify({ resources: [...resources, { type, name, inputs: object }] });
  };

  test("a NetworkPolicy among them that opens what nobody declared is a finding", () => {
    const metadata = { name: "x", namespace: "tools" };
    const spec = { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] };
    const policy = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec };
    const { findings } = findingsWith("kubernetes:networking.k8s.io/v1:NetworkPolicy", policy);
    expect(findings.length).toBeGreaterThan(0);
    expect(new Set(findings.map(({ question }) => question))).toEqual(new Set(["closed"]));
  });

  test("what cannot be read is a finding with its remedy, and accepted by its name alone", () => {
    const issuer = { apiVersion: "cert-manager.io/v1", kind: "Issuer", metadata: { name: "x", namespace: "tools" } };
    const type = "kubernetes:cert-manager.io/v1:Issuer";
    const of = `${type} redis-insight-objects-issuer-x`;
    const [finding, ...others] = findingsWith(type, issuer).findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ question: "understood", unread: of, remedy: expect.stringMatching(/by name/) as string });
    const reason = "It asks for certificates, and no packet of the estate meets it.";
    expect(findingsWith(type, issuer, [{ kind: "unread", of, reason }]).findings).toEqual([]);
    for (const wide of ["*", `${type} *`, type])
      expect(findingsWith(type, issuer, [{ kind: "unread", of: wide, reason }]).findings).toHaveLength(1);
  }); // prettier-ignore
});

/** All that is told of prod with these entries. */
function told(...objects: readonly Loose[]): readonly Mistake[] {
  const mistakes = new Mistakes();
  const input = { ...prod, workloads: { ...prod.workloads, objects } };
  mistakes.attempt(() => draftEstate(judgeEnvironment(input, mistakes), EXAMPLE_SETTINGS, DELEGATED, mistakes));
  return mistakes.all;
}

const pods = (name: string) => ({ ...DEPLOYMENT, metadata: { name: "x" }, spec: { ...DEPLOYMENT.spec, template: { metadata: { labels: { "app.kubernetes.io/name": name } } } } }); // prettier-ignore
const named = (kind: string, name: string, rest: Loose = {}) => ({
  apiVersion: "v1",
  kind,
  metadata: { name },
  ...rest,
});

const WRONG: readonly (readonly [what: string, entry: Loose, path: string, found: RegExp, fix: RegExp])[] = [
  ["a near key", { ...INSIGHT, manifest: [] }, "manifest", /nothing knows/, /write "manifests"/],
  ["Vault's namespace", { ...INSIGHT, namespace: "vault" }, "namespace", /workloads\.vault/, /another/],
  ["no object", { name: "nothing", namespace: "tools", manifests: [] }, "manifests", /no object/, /add them/],
  ["no Kubernetes object", more({ kind: "ConfigMap" }), "manifests[3]", /ConfigMap/, /Kubernetes/],
  ["another's namespace", more({ ...CONFIG, metadata: { name: "b", namespace: "n8n" } }), "manifests[3].metadata.namespace", /n8n/, /leave it out/],
  ["a Namespace", more(named("Namespace", "tools")), "manifests[3]", /a Namespace/, /remove/],
  ["a Secret in git", more(named("Secret", "s", { stringData: { password: "hunter2" } })), "manifests[3]", /with its values/, /configuredSecrets/],
  ["another's Service", more({ ...SERVICE, metadata: { name: "chatwoot-web" } }), "manifests[3]", /"chatwoot-web", which names objects of/, /another/],
  ["another's pods", more(pods("llm-proxy")), "manifests[3]", /"llm-proxy", which names objects of/, /another/],
  ["a name in the whole cluster", more(named("ClusterRole", "keybuzz-deployers")), "manifests[3].metadata.name", /keybuzz-deployers/, /rename/],
  ["an object twice", more(CONFIG), "manifests[3]", /as manifests\[2\] says/, /remove one/],
  ["a placeholder", more(named("ConfigMap", "c", { data: { a: "<<secret:minio/root>>" } })), "manifests[3].data.a", /^a secret's placeholder$/, /remove/],
  ["pods that are not there", { ...INSIGHT, pods: [{ name: "insight" }] }, "pods[0].name", /"insight"/, /label/],
  ["a port without Service", { ...INSIGHT, manifests: [DEPLOYMENT] }, "pods[0].port", /no Service/, /Service/],
  ["a host of another zone", { ...INSIGHT, pods: [{ name: "redis-insight", port: 80, expose: [{ host: "r.example.org" }] }] }, "pods[0].expose[0].host", /r\.example\.org/, /zone/],
  ["a database for its pods", { ...INSIGHT, pods: [{ name: "redis-insight", needs: { postgres: {} } }] }, "pods[0].needs", /nothing knows/, /remove it/],
  ["a directory that is not there", { ...INSIGHT, directory: "stacks/objects/none" }, "directory", /none there/, /helm template/],
]; // prettier-ignore

test.each(WRONG)("%s is refused", (_what, entry, path, found, fix) => {
  const [mistake, ...others] = told(entry);
  expect(others).toEqual([]);
  expect(mistake).toMatchObject({ path: `workloads.objects[0].${path}` });
  expect(mistake?.found).toMatch(found);
  expect(mistake?.fix).toMatch(fix);
  expect(JSON.stringify(mistake)).not.toContain("hunter2");
});

test("an object of another entry is refused, in one namespace and in the whole cluster", () => {
  const role = named("ClusterRole", "redis-insight-reader");
  const entries = [
    { name: "redis", namespace: "tools", manifests: [CONFIG, role] },
    { name: "redis-insight", namespace: "tools", manifests: [CONFIG, role] },
    { name: "redis-i", namespace: "others", manifests: [CONFIG] },
  ];
  expect(told(...entries).map(({ path, found }) => [path, found])).toEqual([
    ["workloads.objects[1].manifests[0]", 'ConfigMap "settings" in namespace "tools", as workloads.objects[0] has it'],
    ["workloads.objects[1].manifests[1]", 'ClusterRole "redis-insight-reader" in the whole cluster, as workloads.objects[0] has it'],
  ]);
}); // prettier-ignore

test("numbers of a directory's YAML are what kubectl makes of them", () => {
  const root = mkdtempSync(join(tmpdir(), "keybuzz-objects-"));
  try {
    const text = 'kind: X\nmode: 0440\nlong: 00755\nzero: 0\nport: 8080\nnine: 0891\nquoted: "0440"\nnew: 0o440\n';
    writeFileSync(join(root, "x.yaml"), text);
    expect(readObjects({ name: "x", namespace: "tools", directory: "." }, root).placed.map(({ value }) => value)).toEqual([
      { kind: "X", mode: 288, long: 493, zero: 0, port: 8080, nine: 891, quoted: "0440", new: 288 },
    ]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}); // prettier-ignore

test("a directory of rendered YAML is read file by file, and what is no YAML is told", () => {
  const root = mkdtempSync(join(tmpdir(), "keybuzz-objects-"));
  try {
    mkdirSync(join(root, "chart"));
    writeFileSync(join(root, "chart", "b.yaml"), "---\n# Source: chart/empty.yaml\n---\nkind: ConfigMap\n");
    writeFileSync(join(root, "chart", "c.yml"), "a: [\n");
    writeFileSync(join(root, "chart", "README.md"), "no YAML");
    const { placed, mistakes } = readObjects({ name: "x", namespace: "tools", directory: "chart" }, root);
    expect(placed).toEqual([{ path: "directory (b.yaml, object 2)", value: { kind: "ConfigMap" } }]);
    expect(mistakes.map(({ path }) => path)).toEqual(["directory (c.yml, object 1)"]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

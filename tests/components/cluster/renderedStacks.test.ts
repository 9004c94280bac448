import { unknownNginxAnnotations } from "../../../components/cluster/ingress/ingressAnnotations";
import { knownStacks, loadEnvironment } from "../../../stacks/loadEnvironment";
import { SECRET_CONFIG } from "../../../stacks/secretConfig";
import { graphOf, kubernetesObjects, nameOf, type KubernetesObject } from "../../support/kubernetesObjects";
import { throughGateway } from "../../../tools/throughGateway";

interface SecurityContext {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly runAsUser?: number;
  readonly runAsNonRoot?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
}
interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext?: SecurityContext;
  readonly resources?: { readonly requests?: object; readonly limits?: object };
}
interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: SecurityContext;
  readonly volumes?: readonly { readonly hostPath?: { readonly path: string } }[];
}

/** On the nodes' own network: the ingress, which the load balancers reach there, and the exporter of the nodes' figures. */
const ON_THE_NODE = ["DaemonSet ingress-nginx/ingress-nginx-controller", "DaemonSet node-exporter/node-exporter"];

const podOf = ({ spec }: KubernetesObject): PodSpec | undefined =>
  (spec as { readonly template?: { readonly spec?: PodSpec } } | undefined)?.template?.spec;
const containersOf = (pod: PodSpec): readonly Container[] => [...pod.containers, ...(pod.initContainers ?? [])];

describe.each(knownStacks())("nothing that %s renders", (stack) => {
  let objects: readonly KubernetesObject[] = [];
  let pods: readonly (readonly [string, PodSpec])[] = [];
  let containers: readonly (readonly [string, Container, PodSpec])[] = [];

  beforeAll(async () => {
    objects = await kubernetesObjects(stack);
    pods = objects.flatMap((object) => {
      const pod = podOf(object);
      return pod === undefined ? [] : [[nameOf(object), pod] as const];
    });
    containers = pods.flatMap(([name, pod]) =>
      containersOf(pod).map((container) => [`${name} ${container.name}`, container, pod] as const),
    );
  });
  const those = (test: (container: Container, pod: PodSpec) => boolean): string[] =>
    containers.filter(([, container, pod]) => test(container, pod)).map(([name]) => name);

  test("is missing from this test: every kind of workload is looked into", () => {
    const kinds = new Set(objects.filter((object) => podOf(object) !== undefined).map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining(["Deployment", "DaemonSet", "Job"]));
    expect(containers.length).toBeGreaterThan(10);
  });

  test("is privileged, may become more than it is, or keeps a capability beside the ingress' one", () => {
    expect(those(({ securityContext }) => securityContext?.privileged === true)).toEqual([]);
    expect(those(({ securityContext }) => securityContext?.capabilities?.drop?.includes("ALL") !== true)).toEqual([]);
    const adding = those(({ securityContext }) => (securityContext?.capabilities?.add ?? []).length > 0);
    expect(adding).toEqual([expect.stringMatching(/^DaemonSet ingress-nginx\//)]);
    expect(those(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)).toEqual(adding);
  });

  test("runs as root", () => {
    const user = ({ securityContext }: Container, pod: PodSpec): number | undefined =>
      securityContext?.runAsUser ?? pod.securityContext?.runAsUser;
    expect(those((container, pod) => user(container, pod) === undefined || user(container, pod) === 0)).toEqual([]);
  });

  test("is on its node's network, or sees its processes or its files, but for those named here", () => {
    const near = pods.filter(
      ([, pod]) =>
        pod.hostNetwork === true ||
        pod.hostPID === true ||
        pod.hostIPC === true ||
        (pod.volumes ?? []).some((v) => v.hostPath),
    );
    for (const [name] of near) expect(ON_THE_NODE).toContain(name);
    expect(near.length).toBeGreaterThan(0);
  });

  test("takes whatever image is newest", () => {
    const pinned = /^[^:@\s]+(:[0-9]+\/[^:@\s]+)?(:(?!latest$)\w[\w.-]*|(:\w[\w.-]*)?@sha256:[0-9a-f]{64})$/;
    expect(those(({ image }) => !pinned.test(image))).toEqual([]);
  });

  test("is without requests and limits", () => {
    expect(those(({ resources }) => resources?.requests === undefined || resources.limits === undefined)).toEqual([]);
  });

  test("shows a secret outside of Secrets", () => {
    // Values that only a provider knows are secrets here; what is configured as a secret is "made-up" in this graph.
    const shown = objects
      .filter(({ kind }) => kind === "ConfigMap")
      .filter((object) =>
        /\[unknown\]|\[secret\]|made-up|<<secret:|PRIVATE KEY|sk-[A-Za-z0-9]{8}/.test(JSON.stringify(object)),
      )
      .map(nameOf);
    expect(shown).toEqual([]);
    const telling = /PASSWORD|SECRET|TOKEN|PRIVATE|CREDENTIAL|API_?KEY|ENCRYPTION_KEY/;
    const inEnv = containers.flatMap(([name, { env = [] }]) =>
      env
        .filter(
          ({ name: key, value }) => value !== undefined && (telling.test(key) || /\[(unknown|secret)\]/.test(value)),
        )
        .filter(({ name: key }) => !/_(FILE|PATH)$/.test(key))
        .map(({ name: key }) => `${name} ${key}`),
    );
    expect(inEnv).toEqual([]);
    const inMaps = objects
      .filter(({ kind }) => kind === "ConfigMap")
      .flatMap((object) =>
        Object.entries((object["data"] ?? {}) as Readonly<Record<string, string>>)
          .filter(([key, value]) => telling.test(key) && value !== "" && !/_(FILE|PATH|NAME)$/.test(key))
          .map(([key]) => `${nameOf(object)} ${key}`),
      );
    expect(inMaps).toEqual([]);
    expect(Object.keys(SECRET_CONFIG).length).toBeGreaterThan(0);
  });

  test("has an annotation of ingress-nginx that does not exist, or seconds with a unit", () => {
    const annotated = objects.filter(({ metadata }) => metadata.annotations !== undefined);
    expect(annotated.some(({ kind }) => kind === "Ingress")).toBe(true);
    expect(annotated.flatMap(({ metadata }) => unknownNginxAnnotations(metadata.annotations ?? {}))).toEqual([]);
    for (const { metadata } of annotated)
      for (const [key, value] of Object.entries(metadata.annotations ?? {}))
        if (/nginx.*-timeout$/.test(key)) expect(value).toMatch(/^[0-9]+$/);
  });

  test("is in a namespace without default deny, both ways; Kubernetes' and Calico's own have it, too", () => {
    const namespaces = new Set([
      ...objects.flatMap(({ metadata }) => metadata.namespace ?? []),
      ...["default", "kube-system", "kube-public", "kube-node-lease", "calico-system", "tigera-operator"],
    ]);
    const denied = objects
      .filter(({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === "deny-all")
      .map(({ metadata, spec }) => [metadata.namespace, spec]);
    const denyAll = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
    expect(Object.fromEntries(denied)).toEqual(Object.fromEntries([...namespaces].map((name) => [name, denyAll])));
  });
});

test("every node is retired before its machine goes", async () => {
  const { resources } = await graphOf("prod");
  const told = resources
    .filter(({ name }) => name.endsWith("-retire"))
    .map(({ name, inputs }) => [name.replace(/-retire$/, ""), inputs["create"], inputs["delete"]]);
  const nodes = ["k3s-master-01", "k3s-master-02", "k3s-master-03", ...[1, 2, 3, 4, 5].map((n) => `k3s-worker-0${n}`)];
  expect(told.sort()).toEqual(
    nodes.map((node) => [node, "true", `sudo timeout 1200 /usr/local/sbin/k3s-retire-node ${node}`]),
  );
});

test("a stack that chooses the Gateway API has an HTTPRoute for each Ingress, no Ingress, and no ingress-nginx", async () => {
  const nginx = await kubernetesObjects("prod");
  const gateway = await kubernetesObjects(throughGateway(loadEnvironment("prod")));
  const names = (objects: typeof nginx, wanted: string): string[] =>
    objects.filter(({ kind }) => kind === wanted).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  expect(names(gateway, "HTTPRoute").sort()).toEqual(names(nginx, "Ingress").sort());
  expect(names(gateway, "HTTPRoute").length).toBeGreaterThan(5);
  expect(names(gateway, "Gateway")).toEqual(["ingress-nginx/web"]);
  expect(names(gateway, "Ingress")).toEqual([]);
  expect(names(gateway, "DaemonSet")).not.toContain("ingress-nginx/ingress-nginx-controller");
  expect(names(nginx, "HTTPRoute")).toEqual([]);
  // Routes are attached only from namespaces with this label.
  const labels = new Map(
    gateway.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => [metadata.name, metadata.labels]),
  );
  for (const { metadata } of gateway.filter(({ kind }) => kind === "HTTPRoute"))
    expect(labels.get(metadata.namespace ?? "")).toMatchObject({ "app.kubernetes.io/managed-by": "pulumi" });
});

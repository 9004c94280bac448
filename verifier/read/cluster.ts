import type { Gateway } from "./gateways";
import { at, integer, list, objectKey, text, texts, type EmittedResource, type GraphIndex } from "./graph";
import { matches, Policies, readPolicy, readSelector, splitBlocks } from "./policies";
import { parseRange, type Range } from "./range";
import { readGateways, readRoutes } from "./webEntry";
import type { WebRoute } from "./webRoutes";
import {
  leastReplicas,
  podSpec,
  podTemplate,
  readService,
  readWorkload,
  WORKLOAD_TYPES,
  type Service,
  type Workload,
} from "./workload";
import { unreadController, unreadObjects, unreadPods } from "./words/unreadObjects";

/** What runs in a cluster, as far as packets meet it. */
export interface Cluster {
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly policies: Policies;
  /** Namespaces that are known, with those that every cluster has. */
  readonly namespaces: readonly string[];
  /** Every object of the cluster. */
  readonly objects: readonly EmittedResource[];
  /** Of Ingresses and HTTPRoutes. */
  readonly routes: readonly WebRoute[];
  readonly gateways: readonly Gateway[];
  /** Configurations of admission webhooks, mutating and validating. */
  readonly webhooks: readonly EmittedResource[];
  readonly controller: Controller | undefined;
  readonly network: PodNetwork | undefined;
}

/** The ingress controller. */
export interface Controller {
  readonly workload: Workload;
  readonly classes: readonly string[];
  /** Options of its ConfigMap. */
  readonly options: Readonly<Record<string, string>>;
  /** Headers of every answer: data of the ConfigMap that add-headers names. Undefined: it names none that is there. */
  readonly answerHeaders: Readonly<Record<string, string>> | undefined;
  /** By which names and paths nginx hands on what the controller says of itself: 500 once it is told to stop. */
  readonly healthNames: readonly { readonly host: string; readonly path: string }[];
  /** Seconds for which nginx goes on taking connections after that, and those that are left once it has ended. */
  readonly shutdownSeconds: { readonly before: number; readonly after: number };
  /** Seconds after that at the earliest, until its pod counts as not ready. */
  readonly unreadySeconds: number;
}

/** Calico, as the operator's Installation and Felix' configuration make it. */
export interface PodNetwork {
  readonly workloadPool: Range;
  readonly tunnelPool: Range;
  /** Pods leave the cluster with their node's address. */
  readonly natOutgoing: boolean;
  /** What happens to packets from a pod to its own node: Return hands them to the node's own filter. */
  readonly endpointToHost: string;
  /** Bytes of a pod's packet, inside of any tunnel. Undefined: Calico guesses from the nodes' interfaces. */
  readonly mtu: number | undefined;
  /** How a pod's packet gets to another node, by pool. */
  readonly encapsulations: ReadonlyMap<string, string>;
  /** Where Felix' chains stand among the node's own: Insert, before them, or Append. */
  readonly insertMode: string;
}

/** Namespaces that every cluster has from the start (kubernetes.io, Namespaces). */
const BORN_WITH = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/** Pods that K3s and Calico themselves bring, on the pod network (k3s-io/k3s manifests; tigera/operator pkg/render). */
const SHIPPED: readonly Workload[] = [
  shipped("kube-system/coredns", { "k8s-app": "kube-dns" }, [53], true),
  shipped("kube-system/metrics-server", { "k8s-app": "metrics-server" }, [10250], false),
  shipped("kube-system/local-path-provisioner", { app: "local-path-provisioner" }, [], false),
  shipped("calico-system/calico-kube-controllers", { "k8s-app": "calico-kube-controllers" }, [], false),
];

function shipped(
  label: string,
  labels: Readonly<Record<string, string>>,
  ports: readonly number[],
  udp: boolean,
): Workload {
  return {
    label,
    kind: "shipped with the cluster",
    namespace: label.split("/")[0] ?? "",
    labels,
    hostNetwork: false,
    ports: ports.flatMap((port) => (udp ? ["tcp", "udp"] : ["tcp"]).map((protocol) => ({ name: "", port, protocol }))),
    replicas: 1,
    spread: true,
    graceSeconds: 30,
    preStopSeconds: 0,
    resource: undefined,
  };
}

export function readCluster(index: GraphIndex, problems: string[]): Cluster {
  const scalers = index.ofType("kubernetes:autoscaling/v2:HorizontalPodAutoscaler");
  const cronJobs = index.ofType("kubernetes:batch/v1:CronJob");
  const emitted = [
    // Deployments that are not emitted, and may yet be scaled.
    ...SHIPPED.map((one) => ({ ...one, replicas: leastReplicas(one.label, "Deployment", scalers) ?? one.replicas })),
    ...Object.entries(WORKLOAD_TYPES).flatMap(([type, kind]) =>
      index.ofType(type).map((resource) => readWorkload(resource, kind, at(resource.inputs, "spec"), scalers)),
    ),
    ...cronJobs.map((one) => readWorkload(one, "CronJob", at(one.inputs, "spec", "jobTemplate", "spec"), scalers)),
  ];
  const namespaces = new Map(
    index
      .ofType("kubernetes:core/v1:Namespace")
      .map(({ inputs, name }) => [
        text(at(inputs, "metadata", "name")) ?? name,
        texts(at(inputs, "metadata", "labels")),
      ]),
  );
  const network = readPodNetwork(index, problems);
  const read = index
    .ofType("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    .map((resource) => readPolicy(resource, problems));
  const policies = new Policies(read, namespaces, network?.workloadPool);
  if (network !== undefined) problems.push(...splitBlocks(read, network.workloadPool));
  const services = index.ofType("kubernetes:core/v1:Service").map(readService);
  const { gateways, pods } = readGateways(index, services, emitted, problems);
  const workloads = [...emitted, ...pods];
  const controller = readController(index, workloads, problems);
  problems.push(...unreadObjects(index), ...emitted.flatMap((one) => unreadPods(one, podTemplate(one))));
  const known = new Set([...BORN_WITH, ...namespaces.keys(), ...workloads.map((one) => one.namespace)]);
  return {
    workloads,
    services,
    policies,
    namespaces: [...known].sort(),
    objects: index.graph.resources.filter(({ type }) => type.startsWith("kubernetes:")),
    routes: readRoutes(index, controller?.classes ?? [], gateways, policies, problems),
    gateways,
    webhooks: ["Mutating", "Validating"].flatMap((kind) =>
      index.ofType(`kubernetes:admissionregistration.k8s.io/v1:${kind}WebhookConfiguration`),
    ),
    controller,
    network,
  };
}

function readController(index: GraphIndex, workloads: readonly Workload[], problems: string[]): Controller | undefined {
  const found = workloads.flatMap((workload) => {
    const containers = list(at(podSpec(workload), "containers"));
    const args = containers.flatMap((container) => list(at(container, "args")).flatMap((arg) => text(arg) ?? []));
    const value = (flag: string): string | undefined =>
      args.find((arg) => arg.startsWith(`${flag}=`))?.slice(flag.length + 1);
    const controller = value("--controller-class");
    return controller === undefined ? [] : [{ workload, controller, args, value, containers }];
  })[0];
  if (found === undefined) return undefined;
  const { workload, value } = found;
  const dataOf = (name: string | undefined): Readonly<Record<string, string>> | undefined => {
    const map = index.ofType("kubernetes:core/v1:ConfigMap").find((one) => objectKey(one) === name);
    return map === undefined ? undefined : texts(at(map.inputs, "data"));
  };
  const options = dataOf(value("--configmap")?.replace("$(POD_NAMESPACE)", workload.namespace)) ?? {};
  problems.push(...unreadController(workload.label, options, found.args));
  const readiness = at(found.containers[0], "readinessProbe");
  return {
    workload,
    classes: index
      .ofType("kubernetes:networking.k8s.io/v1:IngressClass")
      .filter(({ inputs }) => text(at(inputs, "spec", "controller")) === found.controller)
      .map(({ inputs, name }) => text(at(inputs, "metadata", "name")) ?? name),
    options,
    answerHeaders: dataOf(options["add-headers"]),
    // Defaults: kubernetes/ingress-nginx, pkg/flags; Kubernetes' of a probe.
    healthNames: healthNames(options["http-snippet"] ?? "", {
      port: value("--healthz-port") ?? "10254",
      path: value("--health-check-path") ?? "/healthz",
    }),
    shutdownSeconds: {
      before: Number(value("--shutdown-grace-period") ?? 0),
      after: Number(value("--post-shutdown-grace-period") ?? 10),
    },
    unreadySeconds:
      (integer(at(readiness, "periodSeconds")) ?? 10) * ((integer(at(readiness, "failureThreshold")) ?? 3) - 1),
  };
}

/** Servers of nginx' configuration that pass a path on to the controller's own health (kubernetes/ingress-nginx, checker.go). */
function healthNames(
  snippet: string,
  { port, path }: { readonly port: string; readonly path: string },
): Controller["healthNames"] {
  const form =
    /server\s*\{\s*listen 80;\s*server_name (\S+);[^{}]*location = (\S+) \{\s*proxy_pass http:\/\/127\.0\.0\.1:(\d+);\s*\}/g;
  return [...snippet.matchAll(form)].flatMap(([, host = "", asked = "", to]) =>
    to === port && asked === path ? [{ host, path: asked }] : [],
  );
}

function readPodNetwork(index: GraphIndex, problems: string[]): PodNetwork | undefined {
  const installation = index.ofType("kubernetes:operator.tigera.io/v1:Installation")[0];
  if (installation === undefined) return undefined;
  const pools = list(at(installation.inputs, "spec", "calicoNetwork", "ipPools"));
  const pool = (use: string): unknown => pools.find((one) => list(at(one, "allowedUses")).includes(use));
  const range = (use: string): Range | undefined => parseRange(text(at(pool(use), "cidr")) ?? "");
  const workloadPool = range("Workload");
  const tunnelPool = range("Tunnel");
  if (workloadPool === undefined || tunnelPool === undefined) {
    problems.push(
      `Installation ${installation.name}: no IPPool for ${workloadPool === undefined ? "pods" : "tunnels"}`,
    );
    return undefined;
  }
  const felix = index.ofType("kubernetes:crd.projectcalico.org/v1:FelixConfiguration")[0];
  return {
    workloadPool,
    tunnelPool,
    natOutgoing: text(at(pool("Workload"), "natOutgoing")) === "Enabled",
    // Felix' default.
    endpointToHost: text(at(felix?.inputs, "spec", "defaultEndpointToHostAction")) ?? "Drop",
    mtu: integer(at(installation.inputs, "spec", "calicoNetwork", "mtu")),
    // The operator's default (api/v1/installation_types.go).
    encapsulations: new Map(
      pools.map((one) => [text(at(one, "cidr")) ?? "a pool", text(at(one, "encapsulation")) ?? "IPIP"]),
    ),
    insertMode: text(at(felix?.inputs, "spec", "chainInsertMode")) ?? "Insert",
  };
}

/** Workloads whose pods a Service or a declared party's labels select. */
export function selected(
  cluster: Cluster,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): readonly Workload[] {
  const selector = readSelector({ matchLabels: labels });
  return cluster.workloads.filter((one) => one.namespace === namespace && matches(selector, one.labels));
}

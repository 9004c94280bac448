// Every rule, service, policy and timeout of an emitted graph, removed or altered, one at a time.
import { DECLARING_TYPE } from "../declaration";
import { at, list, text, texts, type EmittedGraph, type EmittedResource } from "../read/graph";
import { HOST } from "../read/knownTypes";
import { FIRST_ACCOUNT } from "../ask/claimed";
import { namesIn } from "../ask/serviceNames";
import { byContract, gatewayMutations, httpRouteMutations } from "./gatewayMutations";
import { hostMutations } from "./hostMutations";
import { controllerMutations, endingMutations, ingressMutations, isReferredTo } from "./ingressMutations";
import { placementMutations } from "./placementMutations";
import { removed, set, withReason, type Mutation } from "./mutation";

export function mutations(graph: EmittedGraph): readonly Mutation[] {
  const peopled = namespacesWithPods(graph);
  return graph.resources.flatMap((resource): readonly Mutation[] => {
    switch (resource.type) {
      case HOST:
        return hostMutations(resource);
      case "hcloud:index/server:Server":
        return serverMutations(resource);
      case "hcloud:index/firewall:Firewall":
        return firewallMutations(resource);
      case "hcloud:index/networkRoute:NetworkRoute":
      case "hcloud:index/loadBalancerTarget:LoadBalancerTarget":
        return [removed(resource)];
      case "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork":
        return [
          removed(resource),
          set(resource, ["enablePublicInterface"], resource.inputs["enablePublicInterface"] !== true),
        ];
      case "hcloud:index/loadBalancerService:LoadBalancerService":
        return balancerMutations(resource);
      case "hcloud:index/zoneRrset:ZoneRrset":
      case "hcloud:index/managedCertificate:ManagedCertificate":
        return [removed(resource)];
      case "kubernetes:core/v1:Service":
        return serviceMutations(resource, graph);
      case "kubernetes:networking.k8s.io/v1:NetworkPolicy":
        return policyMutations(resource, peopled, graph);
      case "kubernetes:networking.k8s.io/v1:Ingress":
        return ingressMutations(resource, graph);
      case "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute":
        return httpRouteMutations(resource);
      case "kubernetes:gateway.networking.k8s.io/v1:Gateway":
        return gatewayMutations(resource);
      case "kubernetes:batch/v1:Job":
        return at(resource.inputs, "metadata", "annotations", FIRST_ACCOUNT) === undefined ? [] : [removed(resource)];
      case "kubernetes:apps/v1:DaemonSet":
        return endingMutations(resource);
      case "kubernetes:networking.k8s.io/v1:IngressClass":
        return [removed(resource)];
      case "kubernetes:operator.tigera.io/v1:Installation":
        return [
          set(resource, ["spec", "calicoNetwork", "ipPools", 0, "natOutgoing"], "Disabled"),
          set(resource, ["spec", "calicoNetwork", "ipPools", 0, "encapsulation"], "None"),
          set(resource, ["spec", "calicoNetwork", "mtu"], 1450),
          removed(resource),
        ];
      case "kubernetes:crd.projectcalico.org/v1:FelixConfiguration":
        return [
          set(resource, ["spec", "defaultEndpointToHostAction"], "Drop"),
          set(resource, ["spec", "defaultEndpointToHostAction"], "Accept"),
          set(resource, ["spec", "chainInsertMode"], "Append"),
        ];
      case "kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration":
        return [set(resource, ["webhooks", 0, "clientConfig", "service", "port"], 1)];
      case "kubernetes:core/v1:ConfigMap":
        return [...controllerMutations(resource, graph), ...(isReferredTo(resource, graph) ? [removed(resource)] : [])];
      case "kubernetes:core/v1:Secret":
        return isReferredTo(resource, graph) ? [removed(resource)] : [];
      default:
        return placementMutations(resource);
    }
  });
}

function serverMutations(server: EmittedResource): readonly Mutation[] {
  const isPrivate = at(list(server.inputs["publicNets"])[0], "ipv4Enabled") === false;
  return [
    ...(isPrivate ? [set(server, ["publicNets", 0, "ipv4Enabled"], true)] : []),
    ...(server.inputs["placementGroupId"] === undefined ? [] : [set(server, ["placementGroupId"], undefined)]),
    ...(list(server.inputs["firewallIds"]).length === 0 ? [] : [set(server, ["firewallIds"], [])]),
  ];
}

function firewallMutations(firewall: EmittedResource): readonly Mutation[] {
  return list(firewall.inputs["rules"]).flatMap((_, index) => [
    set(firewall, ["rules", index], undefined),
    set(firewall, ["rules", index, "sourceIps"], ["0.0.0.0/0"]),
    set(firewall, ["rules", index, "port"], "1-65535"),
  ]);
}

function balancerMutations(service: EmittedResource): readonly Mutation[] {
  const health = service.inputs["healthCheck"];
  const http = at(health, "http") !== undefined;
  return [
    removed(service),
    set(service, ["destinationPort"], 1),
    set(service, ["proxyprotocol"], true),
    set(service, ["healthCheck"], undefined),
    set(service, ["healthCheck", "port"], 1),
    ...(http
      ? [
          set(service, ["healthCheck", "http", "path"], "/nonsense"),
          set(service, ["healthCheck", "http", "statusCodes"], ["404"]),
          set(service, ["healthCheck", "http", "tls"], true),
          ...(at(health, "http", "domain") === undefined
            ? []
            : [
                set(service, ["healthCheck", "http", "domain"], undefined),
                set(service, ["healthCheck", "http", "statusCodes"], ["2??", "5??"]),
                set(service, ["healthCheck", "interval"], 15),
              ]),
        ]
      : []),
    ...(at(service.inputs, "http", "timeoutIdle") === undefined
      ? []
      : [set(service, ["http", "timeoutIdle"], 30), set(service, ["http", "timeoutIdle"], undefined)]),
    ...(at(service.inputs, "http", "redirectHttp") === true ? [set(service, ["http", "redirectHttp"], false)] : []),
  ];
}

/** Why nobody would miss a Service's port; undefined: somebody would. */
function unused(service: EmittedResource, port: unknown, graph: EmittedGraph): string | undefined {
  const { namespace = "", name = "" } = texts(at(service.inputs, "metadata"));
  if (text(at(service.inputs, "spec", "clusterIP")) === "None")
    return "a headless Service only gives names: its ports translate nothing";
  const names = graph.resources.filter(({ type }) => type.startsWith("kubernetes:")).flatMap(namesIn);
  if (names.some((one) => one.namespace === namespace && one.service === name && one.port === port)) return undefined;
  const selector = texts(at(service.inputs, "spec", "selector"));
  const platform = graph.resources.find(({ type }) => type === DECLARING_TYPE);
  const declared = list(at(platform?.inputs, "declaration", "flows")).some(
    (flow) =>
      at(flow, "to", "port") === port &&
      at(flow, "to", "provider", "namespace") === namespace &&
      Object.entries(selector).every(([key, value]) => at(flow, "to", "provider", "labels", key) === value),
  );
  if (!declared) return "no declared flow leads to that port, and nothing emitted uses its name";
  const twin = graph.resources.some(
    (other) =>
      other.type === service.type &&
      other.name !== service.name &&
      text(at(other.inputs, "spec", "clusterIP")) === "None" &&
      JSON.stringify(at(other.inputs, "spec", "selector")) === JSON.stringify(at(service.inputs, "spec", "selector")),
  );
  return twin
    ? "nothing emitted uses that name with that port: members call each other by the headless Service's names"
    : undefined;
}

function serviceMutations(service: EmittedResource, graph: EmittedGraph): readonly Mutation[] {
  const ports = list(at(service.inputs, "spec", "ports"));
  const reasons = ports.map((port) => unused(service, at(port, "port"), graph));
  const headless = text(at(service.inputs, "spec", "clusterIP")) === "None";
  // A headless Service's name is used even where its ports are not.
  const whole = !headless && reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
  return [
    withReason(removed(service), whole),
    set(service, ["spec", "selector"], { "app.kubernetes.io/name": "nobody" }, byContract(service, graph) ?? whole),
    ...ports.map((_, index) =>
      set(
        service,
        ["spec", "ports", index, "port"],
        1,
        at(service.inputs, "spec", "type") === "NodePort"
          ? "the balancers use its NodePort; nothing uses its cluster port"
          : reasons[index],
      ),
    ),
    ...ports.map((_, index) => set(service, ["spec", "ports", index, "targetPort"], 1, reasons[index])),
    ...(at(service.inputs, "spec", "type") === "NodePort"
      ? [
          set(service, ["spec", "externalTrafficPolicy"], "Cluster"),
          set(service, ["spec", "ports", 0, "nodePort"], 32000),
        ]
      : []),
  ];
}

/** The same rule stands in a policy for every pod of the namespace. */
function isDouble(
  policy: EmittedResource,
  direction: "ingress" | "egress",
  rule: unknown,
  graph: EmittedGraph,
): boolean {
  return graph.resources.some(
    (other) =>
      other.type === policy.type &&
      other.name !== policy.name &&
      at(other.inputs, "metadata", "namespace") === at(policy.inputs, "metadata", "namespace") &&
      JSON.stringify(at(other.inputs, "spec", "podSelector")) === "{}" &&
      list(at(other.inputs, "spec", direction)).some((one) => JSON.stringify(one) === JSON.stringify(rule)),
  );
}

function policyMutations(
  policy: EmittedResource,
  peopled: ReadonlySet<string>,
  graph: EmittedGraph,
): readonly Mutation[] {
  // What opens an empty namespace is an exposure for whoever is started there; what narrows it meets nobody.
  const empty = !peopled.has(text(at(policy.inputs, "metadata", "namespace")) ?? "");
  const nobody = empty ? "no pod on the pod network is emitted in that namespace" : undefined;
  const rules = (direction: "ingress" | "egress", side: "from" | "to"): readonly Mutation[] =>
    list(at(policy.inputs, "spec", direction)).flatMap((rule, index) => {
      const double = isDouble(policy, direction, rule, graph)
        ? "every pod of the namespace has the same rule from another policy"
        : undefined;
      const everywhere = list(at(rule, side)).some((peer) => at(peer, "ipBlock", "cidr") === "0.0.0.0/0");
      return [
        set(policy, ["spec", direction, index], undefined, nobody ?? double),
        set(policy, ["spec", direction, index, side], [], everywhere ? "it already names every address" : undefined),
        set(policy, ["spec", direction, index, "ports", 0, "port"], 1, nobody ?? double),
      ];
    });
  const opens = ["ingress", "egress"].some((direction) => list(at(policy.inputs, "spec", direction)).length > 0);
  // Without the rule that denies, an empty namespace is open for whoever comes.
  return [
    withReason(removed(policy), opens ? nobody : undefined),
    ...rules("ingress", "from"),
    ...rules("egress", "to"),
  ];
}

function namespacesWithPods(graph: EmittedGraph): ReadonlySet<string> {
  const workloads = graph.resources.filter(
    ({ type, inputs }) =>
      /^kubernetes:(apps|batch)\/v1:/.test(type) && at(inputs, "spec", "template", "spec", "hostNetwork") !== true,
  );
  return new Set([
    "kube-system",
    ...workloads.map(({ inputs }) => text(at(inputs, "metadata", "namespace")) ?? "default"),
  ]);
}

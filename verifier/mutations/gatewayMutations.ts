// What can be done to a stack's Gateway and HTTPRoutes.
import { at, list, text, texts, type EmittedGraph, type EmittedResource } from "../read/graph";
import { removed, set, type Mutation } from "./mutation";

export function httpRouteMutations(route: EmittedResource): readonly Mutation[] {
  const rules = list(at(route.inputs, "spec", "rules"));
  return [
    removed(route),
    set(route, ["spec", "parentRefs"], []),
    set(route, ["spec", "parentRefs", 0, "name"], "other"),
    set(route, ["spec", "parentRefs", 0, "sectionName"], "other"),
    set(route, ["spec", "hostnames", 0], "other.example.com"),
    set(route, ["spec", "hostnames"], undefined),
    ...rules.flatMap((rule, index) => ruleMutations(route, rule, index)),
  ];
}

function ruleMutations(route: EmittedResource, rule: unknown, index: number): readonly Mutation[] {
  const path = (...keys: readonly (string | number)[]): readonly (string | number)[] => [
    "spec",
    "rules",
    index,
    ...keys,
  ];
  const exact = text(at(list(at(rule, "matches"))[0], "path", "type")) === "Exact";
  const { request, backendRequest } = texts(at(rule, "timeouts"));
  const unlimited = request === undefined || request === "0s";
  return [
    set(route, path("matches", 0, "path", "type"), exact ? "PathPrefix" : "Exact"),
    set(route, path("matches", 0, "path", "type"), "RegularExpression"),
    set(route, path("matches", 0, "path", "value"), "/somewhere-else"),
    set(route, path("matches", 0, "method"), "GET"),
    set(route, path("filters"), [{ type: "URLRewrite", urlRewrite: { hostname: "other.example.com" } }]),
    set(route, path("filters"), [
      { type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/elsewhere" } } },
    ]),
    set(route, path("backendRefs"), []),
    set(route, path("backendRefs", 0, "name"), "nobody"),
    set(route, path("backendRefs", 0, "namespace"), "default"),
    set(route, path("backendRefs", 0, "port"), 1),
    set(route, path("backendRefs", 0, "weight"), 0),
    set(route, path("timeouts", "request"), undefined),
    set(route, path("timeouts", "request"), "1s"),
    set(route, path("timeouts", "request"), "60"),
    ...(unlimited
      ? []
      : [
          set(
            route,
            path("timeouts", "request"),
            "0s",
            backendRequest === undefined || backendRequest === "0s"
              ? undefined
              : "backendRequest limits the one attempt that there is",
          ),
        ]),
    set(
      route,
      path("timeouts", "backendRequest"),
      undefined,
      unlimited ? undefined : "request limits the attempt as well",
    ),
    set(route, path("timeouts", "backendRequest"), "1s"),
  ];
}

export function gatewayMutations(gateway: EmittedResource): readonly Mutation[] {
  return [
    removed(gateway),
    set(
      gateway,
      ["spec", "gatewayClassName"],
      "other",
      "which controller there is, people decide: the verdict prints the class among what it assumes",
    ),
    ...list(at(gateway.inputs, "spec", "listeners")).flatMap((_, index) => {
      const path = (...keys: readonly string[]): readonly (string | number)[] => ["spec", "listeners", index, ...keys];
      return [
        set(gateway, path("name"), "other"),
        set(gateway, path("port"), 8080),
        set(gateway, path("protocol"), "HTTPS"),
        set(gateway, path("hostname"), "other.example.com"),
        set(gateway, path("allowedRoutes"), undefined),
        set(gateway, path("allowedRoutes", "namespaces", "selector"), { matchLabels: { nobody: "has it" } }),
      ];
    }),
  ];
}

/** Whether it is done to a Gateway, to its NodePort or to an HTTPRoute. */
export function concernsGateway({ name }: Mutation): boolean {
  return name.includes("gateway.networking.k8s.io") || name.includes("Service gateway-service");
}

/** Why another selector of a NodePort Service changes nothing: nobody emitted is behind it. */
export function byContract(service: EmittedResource, graph: EmittedGraph): string | undefined {
  const contract =
    text(at(service.inputs, "spec", "type")) === "NodePort" &&
    graph.resources.some(
      ({ type, inputs }) =>
        type === "kubernetes:gateway.networking.k8s.io/v1:Gateway" &&
        at(inputs, "metadata", "namespace") === at(service.inputs, "metadata", "namespace"),
    );
  return contract
    ? "the controller's pods are known by this selector alone: the verdict prints it among what it assumes"
    : undefined;
}

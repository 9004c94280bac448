import { at, fields, integer, list, text, texts, type EmittedResource } from "./graph";
import { matches, readSelector, type Selector } from "./policies";
import { coversHost } from "./webRoutes";
import type { Service, Workload } from "./workload";

/** A gateway.networking.k8s.io Gateway, and how packets get to it. */
export interface Gateway {
  /** "Gateway ingress-nginx/web" */
  readonly label: string;
  readonly namespace: string;
  readonly name: string;
  readonly className: string;
  readonly listeners: readonly GatewayListener[];
  /** NodePort Services of its namespace that lead to a listener's port. */
  readonly services: readonly Service[];
}

export interface GatewayListener {
  readonly name: string;
  readonly port: number;
  /** "*" is every host. */
  readonly hostname: string;
  /** Why it takes no routes; undefined: it does. */
  readonly refused?: string;
  readonly from: string;
  readonly selector: Selector;
  /** Kinds of routes that it takes; none: HTTPRoutes. */
  readonly kinds: readonly string[];
}

/** How the pods of a controller that the program does not install are called among workloads. */
export const BY_CONTRACT = "by contract";

const GATEWAY_FIELDS = ["gatewayClassName", "listeners"];
const LISTENER_FIELDS = ["name", "port", "protocol", "hostname", "allowedRoutes"];

export function readGateway(
  { inputs, name: resource }: EmittedResource,
  services: readonly Service[],
  problems: string[],
): Gateway {
  const namespace = text(at(inputs, "metadata", "namespace")) ?? "default";
  const name = text(at(inputs, "metadata", "name")) ?? resource;
  const label = `Gateway ${namespace}/${name}`;
  problems.push(...strange(at(inputs, "spec"), GATEWAY_FIELDS).map((field) => `${label}: spec.${field}`));
  const listeners = list(at(inputs, "spec", "listeners")).map((one) => readListener(one, label, problems));
  for (const [index, one] of listeners.entries()) {
    // Which of them takes a request is an extended feature (listener isolation), and differs between controllers.
    const other = listeners.slice(index + 1).find((two) => overlap(one, two));
    if (other !== undefined)
      problems.push(`${label}: listeners ${one.name} and ${other.name} share a port and some, not all, host names`);
  }
  return {
    label,
    namespace,
    name,
    className: text(at(inputs, "spec", "gatewayClassName")) ?? "",
    listeners: listeners.map((one) => refuseTwins(one, listeners)),
    services: services.filter(
      (service) =>
        service.namespace === namespace &&
        service.type === "NodePort" &&
        service.ports.some(({ port }) => listeners.some((one) => one.port === port)),
    ),
  };
}

/** Fields of an object that are not among those that are read. */
export function strange(object: unknown, known: readonly string[]): readonly string[] {
  return Object.keys(fields(object)).filter((field) => !known.includes(field));
}

function readListener(one: unknown, label: string, problems: string[]): GatewayListener {
  const name = text(at(one, "name")) ?? "";
  const protocol = text(at(one, "protocol")) ?? "";
  const known = protocol === "HTTP";
  problems.push(
    ...strange(one, LISTENER_FIELDS).map((field) => `${label}: ${field} of listener ${name}`),
    ...(known ? [] : [`${label}: protocol ${protocol} of listener ${name}; TLS has ended at the load balancers`]),
  );
  return {
    name,
    port: integer(at(one, "port")) ?? 0,
    hostname: text(at(one, "hostname")) ?? "*",
    // The API's defaults.
    from: text(at(one, "allowedRoutes", "namespaces", "from")) ?? "Same",
    selector: readSelector(at(one, "allowedRoutes", "namespaces", "selector")),
    kinds: list(at(one, "allowedRoutes", "kinds")).flatMap((kind) => text(at(kind, "kind")) ?? []),
    ...(known ? {} : { refused: `listener "${name}" speaks ${protocol}` }),
  };
}

function overlap(one: GatewayListener, two: GatewayListener): boolean {
  return one.port === two.port && one.hostname !== two.hostname && commonHost(one.hostname, two.hostname) !== undefined;
}

/** Two listeners with one port and host name: neither is accepted (Gateway API, distinct listeners). */
function refuseTwins(one: GatewayListener, all: readonly GatewayListener[]): GatewayListener {
  const twin = all.find((other) => other !== one && other.port === one.port && other.hostname === one.hostname);
  return twin === undefined || one.refused !== undefined
    ? one
    : { ...one, refused: `listeners "${one.name}" and "${twin.name}" have the same port and host name` };
}

/**
 * The controller's pods, which people install: known by contract only (docs/decisions/0008). One on each node, on the
 * node's own network, with the labels that the NodePort Service selects, listening where the Gateway does. None where
 * the Service selects nobody in particular, or pods that are emitted.
 */
export function contractPods(gateway: Gateway, emitted: readonly Workload[]): readonly Workload[] {
  return gateway.services.flatMap((service) => {
    if (Object.keys(service.selector).length === 0 || selectedBy(service, emitted).length > 0) return [];
    const ports = service.ports.filter(({ port }) => gateway.listeners.some((one) => one.port === port));
    return [
      {
        label: `${service.namespace}/${service.selector["app.kubernetes.io/name"] ?? service.name}`,
        kind: BY_CONTRACT,
        namespace: service.namespace,
        labels: service.selector,
        hostNetwork: true,
        ports: ports.map(({ port, targetPort, protocol }) => ({ name: text(targetPort) ?? "", port, protocol })),
        replicas: undefined,
        spread: true,
        graceSeconds: 30,
        preStopSeconds: 0,
        resource: undefined,
      },
    ];
  });
}

function selectedBy({ namespace, selector }: Service, emitted: readonly Workload[]): readonly Workload[] {
  const wanted = readSelector({ matchLabels: selector });
  return emitted.filter((one) => one.namespace === namespace && matches(wanted, one.labels));
}

/** What stands behind a Gateway's NodePort although nobody knows that it reads Gateways. */
export function strangersBehind({ label, services }: Gateway, emitted: readonly Workload[]): readonly string[] {
  return services.flatMap((service) =>
    selectedBy(service, emitted).map(
      (workload) => `${label}: pods of ${workload.label} stand behind its NodePort; it is not known that they read it`,
    ),
  );
}

/** A parentRef of a route. */
export interface ParentRef {
  readonly namespace: string;
  readonly name: string;
  readonly sectionName: string | undefined;
  readonly port: number | undefined;
}

export function readParentRef(ref: unknown, namespace: string): ParentRef {
  return {
    namespace: text(at(ref, "namespace")) ?? namespace,
    name: text(at(ref, "name")) ?? "",
    sectionName: text(at(ref, "sectionName")),
    port: integer(at(ref, "port")),
  };
}

/** Listeners of a Gateway that take routes of a namespace by this reference; a text: why none does. */
export function listenersFor(
  gateway: Gateway,
  { sectionName, port }: ParentRef,
  namespace: string,
  namespaceLabels: Readonly<Record<string, string>>,
): readonly GatewayListener[] | string {
  const meant = gateway.listeners.filter(
    (one) => (sectionName === undefined || one.name === sectionName) && (port === undefined || one.port === port),
  );
  if (meant.length === 0)
    return `${gateway.label} has no listener ${[sectionName === undefined ? "" : `"${sectionName}"`, port === undefined ? "" : `on port ${port}`].join(" ").trim()}`;
  const behind = meant.filter((one) =>
    gateway.services.some(({ ports }) => ports.some((entry) => entry.port === one.port)),
  );
  if (behind.length === 0)
    return `no NodePort Service of namespace ${gateway.namespace} leads to port ${meant.map((one) => one.port).join(", ")} of ${gateway.label}`;
  const whole = behind.filter(({ refused }) => refused === undefined);
  if (whole.length === 0) return `${gateway.label}: ${behind[0]?.refused ?? ""}`;
  const willing = whole.filter(
    ({ from, selector, kinds }) =>
      (kinds.length === 0 || kinds.includes("HTTPRoute")) &&
      (from === "All" ||
        (from === "Same" && namespace === gateway.namespace) ||
        (from === "Selector" && matches(selector, namespaceLabels))),
  );
  return willing.length > 0
    ? willing
    : `${gateway.label} takes no HTTPRoutes of namespace ${namespace} (allowedRoutes of listener "${whole[0]?.name ?? ""}")`;
}

/** The host names that a listener and a route have in common, or undefined (Gateway API, HTTPRouteSpec, hostnames). */
export function commonHost(listener: string, route: string): string | undefined {
  if (coversHost(listener, route)) return route;
  return coversHost(route, listener) ? listener : undefined;
}

/** Texts of a map as "a=b, c=d". */
export const pairs = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(texts(labels))
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");

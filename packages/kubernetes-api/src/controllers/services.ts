import { randomUUID } from "node:crypto";
import { timestamp } from "../objectIdentity";
import {
  asText,
  at,
  equal,
  isObject,
  listAt,
  numberAt,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
} from "../wire/json";
import { containersOf } from "../podTemplates";
import { labelsMatch } from "../selectors";
import { nameOf, namespaceOf, uidOf, type ControllerContext } from "./context";
import type { Pod } from "./pods";

/** A Service's targetPort on one pod: a number, or the number behind a name; undefined where the pod has no such port. */
function portOn(pod: Pod, servicePort: Json): number | undefined {
  const target = at(servicePort, "targetPort") ?? at(servicePort, "port");
  if (typeof target === "number") return target;
  const ports = containersOf(objectAt(pod.template, "spec"), "").flatMap(({ container }) => listAt(container, "ports"));
  return numberAt(
    ports.find((port) => textAt(port, "name") === target),
    "containerPort",
  );
}

function endpointsOf(
  service: JsonObject,
  pods: readonly Pod[],
): { readonly endpoints: Json[]; readonly ports: Json[] } {
  const selected = pods.filter(
    (pod) =>
      pod.namespace === namespaceOf(service) &&
      pod.address !== undefined &&
      !pod.completed &&
      labelsMatch(objectAt(service, "spec", "selector"), pod.labels),
  );
  const endpoints = selected.map((pod): Json => {
    const ready = pod.ready || at(service, "spec", "publishNotReadyAddresses") === true;
    const conditions = { ready, serving: pod.ready, terminating: false };
    return {
      addresses: [pod.address ?? ""],
      conditions,
      nodeName: pod.node ?? "",
      targetRef: { kind: "Pod", name: pod.name, namespace: pod.namespace },
    };
  });
  const first = selected[0];
  const ports = listAt(service, "spec", "ports").flatMap((port): Json[] => {
    const number = first && portOn(first, port);
    return number === undefined
      ? []
      : [{ name: textAt(port, "name") ?? "", port: number, protocol: textAt(port, "protocol") ?? "TCP" }];
  });
  return { endpoints: ports.length === 0 && listAt(service, "spec", "ports").length > 0 ? [] : endpoints, ports };
}

/** EndpointSlices and Endpoints of every Service with a selector. */
export function reconcileServices(context: ControllerContext, pods: readonly Pod[]): void {
  const { cluster } = context;
  for (const service of cluster.store.list("", "services")) {
    if (at(service, "status") === undefined)
      cluster.setStatus(
        { group: "", plural: "services", namespace: namespaceOf(service), name: nameOf(service) },
        { loadBalancer: {} },
      );
    if (
      Object.keys(objectAt(service, "spec", "selector")).length === 0 ||
      textAt(service, "spec", "type") === "ExternalName"
    )
      continue;
    const { endpoints, ports } = endpointsOf(service, pods);
    put(context, service, "discovery.k8s.io", "endpointslices", `${nameOf(service)}-${uidOf(service).slice(0, 5)}`, {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      addressType: "IPv4",
      endpoints,
      ports,
    });
    const addresses = (ready: boolean): Json[] =>
      endpoints
        .filter((endpoint) => at(endpoint, "conditions", "ready") === ready)
        .map((endpoint) => ({
          ip: asText(listAt(endpoint, "addresses")[0]),
          targetRef: at(endpoint, "targetRef") ?? {},
        }));
    const [ready, waiting] = [addresses(true), addresses(false)];
    const subset: JsonObject = { ports };
    if (ready.length > 0) subset.addresses = ready;
    if (waiting.length > 0) subset.notReadyAddresses = waiting;
    const subsets = endpoints.length === 0 ? [] : [subset];
    put(context, service, "", "endpoints", nameOf(service), { apiVersion: "v1", kind: "Endpoints", subsets });
  }
}

function put(
  context: ControllerContext,
  service: JsonObject,
  group: string,
  plural: string,
  name: string,
  content: JsonObject,
): void {
  const ref = { group, plural, namespace: namespaceOf(service), name };
  const live = context.cluster.store.get(ref);
  const { metadata: _, ...before } = live ?? {};
  if (live !== undefined && equal(before, content)) return;
  const metadata: JsonObject = isObject(live?.metadata)
    ? live.metadata
    : {
        name,
        namespace: namespaceOf(service),
        uid: randomUUID(),
        creationTimestamp: timestamp(),
        generation: 1,
        labels: { "kubernetes.io/service-name": nameOf(service) },
        ownerReferences: [
          {
            apiVersion: "v1",
            kind: "Service",
            name: nameOf(service),
            uid: uidOf(service),
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      };
  context.cluster.stored(ref, { ...content, metadata });
}

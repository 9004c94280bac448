import { at, listAt, objectAt, textAt, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { placeOf, ready, waiting, type Judge, type Surroundings } from "./judgement";

async function hasEndpoints(namespace: string, service: string, { client }: Surroundings): Promise<boolean> {
  const slices = await client.request({
    method: "GET",
    path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    query: { labelSelector: `kubernetes.io/service-name=${service}` },
  });
  return listAt(slices, "items").some((slice) =>
    // An absent "ready" means ready.
    listAt(slice, "endpoints").some((endpoint) => at(endpoint, "conditions", "ready") !== false),
  );
}

/** Only a Service with a selector and an address of its own waits for pods behind it. */
function needsEndpoints(service: JsonObject): boolean {
  const spec = objectAt(service, "spec");
  if (spec.type === "ExternalName" || spec.clusterIP === "None") return false;
  return Object.keys(objectAt(spec, "selector")).length > 0;
}

export const judgeService: Judge = async (live, around) => {
  const { namespace, name } = placeOf(live);
  if (needsEndpoints(live) && !(await hasEndpoints(namespace, name, around)))
    return waiting(
      "no ready pod is behind it: either the selected pods are not ready, or spec.selector or targetPort match none",
    );
  if (textAt(live, "spec", "type") === "LoadBalancer" && listAt(live, "status", "loadBalancer", "ingress").length === 0)
    return waiting("no load balancer has got an address for it yet");
  return ready;
};

export const judgeIngress: Judge = async (live, around) => {
  const { namespace } = placeOf(live);
  const backends = [
    at(live, "spec", "defaultBackend"),
    ...listAt(live, "spec", "rules").flatMap((rule) =>
      listAt(rule, "http", "paths").map((path) => at(path, "backend")),
    ),
  ];
  const services = new Set(
    backends.map((backend) => textAt(backend, "service", "name")).filter((name) => name !== undefined),
  );
  for (const name of services) {
    const service = await around.client.get(`/api/v1/namespaces/${namespace}/services/${name}`, around.signal);
    if (service === undefined) return waiting(`its Service "${name}" is not there`);
    if (needsEndpoints(service) && !(await hasEndpoints(namespace, name, around)))
      return waiting(`no ready pod is behind its Service "${name}"`);
  }
  if (listAt(live, "status", "loadBalancer", "ingress").length > 0) return ready;
  return waiting(
    "no ingress controller has published an address in .status.loadBalancer: is one running for this ingressClassName, and may it update ingresses/status?",
  );
};

import {
  gatewayObject,
  gatewayTimeouts,
  httpRouteObjects,
} from "../../../../components/cluster/ingress/gatewayObjects";
import { ingressObjects } from "../../../../components/cluster/ingress/ingressObjects";
import type { PassedRoute } from "../../../../components/cluster/ingress/routes";
import { app, estate } from "../support/estate";

const ROUTES: readonly PassedRoute[] = [
  { kind: "http", path: "/", responseTimeoutSeconds: 90 },
  { kind: "http", path: "/ready", match: "exact" },
  { kind: "websocket", path: "/cable", heartbeatSeconds: 3 },
  { kind: "sse", path: "/stream", heartbeatSeconds: 15, firstByteSeconds: 2 },
  { kind: "upload", path: "/files", maxBodyMb: 50 },
];

function exposed() {
  const { topology, ingress } = estate();
  const { pods, endpoint } = app(topology, "chatwoot", "chatwoot-web", 3000);
  ingress.expose(endpoint, { host: "support.keybuzz.io", routes: ROUTES });
  return ingress.routes(pods);
}

test("the same routes in both forms: name, host, path, match, Service and port", () => {
  const ingresses = ingressObjects(exposed()).map(({ metadata, spec }) => {
    const [rule] = spec.rules;
    const [path] = rule?.http.paths ?? [];
    const { name, port } = path?.backend.service ?? {};
    return [metadata.namespace, metadata.name, rule?.host, path?.path, path?.pathType, name, port?.number];
  });
  const httpRoutes = httpRouteObjects(exposed()).map(({ metadata, spec }) => {
    const [rule] = spec.rules;
    const { type, value } = rule?.matches[0]?.path ?? {};
    const { name, port } = rule?.backendRefs?.[0] ?? {};
    const match = type === "PathPrefix" ? "Prefix" : type;
    return [metadata.namespace, metadata.name, spec.hostnames[0], value, match, name, port];
  });
  expect(httpRoutes).toEqual(ingresses);
  expect(httpRoutes).toHaveLength(ROUTES.length);
});

test("an HTTPRoute, read by a person", () => {
  expect(httpRouteObjects(exposed())[0]).toEqual({
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: {
      name: "chatwoot-web-support-keybuzz-io",
      namespace: "chatwoot",
      labels: { "app.kubernetes.io/name": "chatwoot-web", "keybuzz.io/route": "http" },
    },
    spec: {
      parentRefs: [{ name: "web", namespace: "ingress-nginx", sectionName: "http" }],
      hostnames: ["support.keybuzz.io"],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          timeouts: { request: "90s", backendRequest: "90s" },
          backendRefs: [{ name: "chatwoot-web", port: 3000 }],
        },
      ],
    },
  });
});

test("answers are limited, streams are not, uploads once they have arrived", () => {
  expect(ROUTES.map(gatewayTimeouts)).toEqual([
    { request: "90s", backendRequest: "90s" },
    { request: "60s", backendRequest: "60s" },
    { request: "0s", backendRequest: "0s" },
    { request: "0s", backendRequest: "0s" },
    { request: "0s", backendRequest: "60s" },
  ]);
});

test("the Gateway takes routes of this program's namespaces only, without TLS", () => {
  const [listener] = gatewayObject("eg").spec.listeners;
  expect(listener).toEqual({
    name: "http",
    port: 80,
    protocol: "HTTP",
    allowedRoutes: {
      namespaces: { from: "Selector", selector: { matchLabels: { "app.kubernetes.io/managed-by": "pulumi" } } },
    },
  });
});

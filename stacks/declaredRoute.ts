import type { ExposedRoute } from "../components/cluster/ingress/exposedRoute";
import type { Canary, Guard } from "../components/cluster/ingress/routeOptions";
import { isAnswered, type Route } from "../components/cluster/ingress/routes";
import type { PlannedWorkload } from "../components/workloads/workloadPlans";
import type { DeclaredOptions, DeclaredRoute } from "../verifier/declaration";

/** How long an ordinary answer may take where a route does not say (routes.ts). */
const DEFAULT_RESPONSE_SECONDS = 60;

/** @param apps their processes know how long their own requests may take */
export function declaredRoute(exposed: ExposedRoute, apps: readonly PlannedWorkload[]): DeclaredRoute {
  const { pods, host, route, audience } = exposed;
  const process = apps.flatMap(({ app }) => app.processes).find(({ name }) => name === pods.app);
  return {
    host,
    path: route.path,
    match: route.match ?? "prefix",
    kind: route.kind,
    namespace: pods.namespace,
    app: pods.app,
    ...(audience === undefined ? {} : { audience }),
    ...declaredOptions(exposed),
    ...needs(route, process?.longestRequestSeconds),
  };
}

type Needs = Pick<DeclaredRoute, "firstByteSeconds" | "silenceSeconds" | "longestRequestSeconds" | "maxBodyMb">;

function needs(route: Route, longestRequestSeconds: number | undefined): Needs {
  switch (route.kind) {
    case "http":
    case "upload": {
      const answer = route.responseTimeoutSeconds ?? DEFAULT_RESPONSE_SECONDS;
      return {
        firstByteSeconds: answer,
        silenceSeconds: answer,
        longestRequestSeconds: longestRequestSeconds ?? answer,
        maxBodyMb: route.maxBodyMb ?? 1,
      };
    }
    case "websocket":
      return { silenceSeconds: route.heartbeatSeconds, maxBodyMb: 1 };
    case "sse":
      return {
        firstByteSeconds: route.firstByteSeconds,
        silenceSeconds: route.heartbeatSeconds,
        maxBodyMb: route.maxBodyMb ?? 1,
      };
    case "redirect":
    case "moved":
      return { silenceSeconds: 0, maxBodyMb: 0 };
  }
}

function declaredOptions({ route, guard, canary }: ExposedRoute): DeclaredOptions {
  if (isAnswered(route)) {
    const keepsPath = route.kind === "moved";
    const permanent = route.kind === "redirect" && route.permanent === true;
    return { sentTo: { to: route.to, keepsPath, permanent } };
  }
  const { rewrite, limits, cors, responseHeaders, sticky } = route;
  return {
    ...(rewrite === undefined ? {} : { rewrite }),
    ...(guard === undefined ? {} : authentication(guard)),
    ...(limits === undefined ? {} : { limits }),
    ...(cors === undefined ? {} : { cors: { ...cors, credentials: cors.credentials ?? false } }),
    ...(responseHeaders === undefined ? {} : { responseHeaders }),
    ...(sticky === undefined ? {} : { sticky }),
    ...(canary === undefined ? {} : otherVersion(canary)),
  };
}

function authentication(guard: Guard): Pick<DeclaredOptions, "authentication"> {
  if (guard.kind === "basic") return { authentication: { kind: "basic", users: Object.keys(guard.passwords).sort() } };
  const { address, path, signIn, passes = [] } = guard;
  const { provider } = address.endpoint;
  if (provider.kind !== "pods") return {};
  const { namespace, app } = provider;
  return {
    authentication: {
      kind: "oidc",
      namespace,
      app,
      port: address.port,
      path,
      passes,
      ...(signIn === undefined ? {} : { signIn }),
    },
  };
}

function otherVersion({ endpoint: { provider }, percent }: Canary): Pick<DeclaredOptions, "canary"> {
  if (provider.kind !== "pods") return {};
  return { canary: { namespace: provider.namespace, app: provider.app, percent } };
}

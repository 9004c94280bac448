import type { Authentication, Canary, Guard } from "../../cluster/ingress/routeOptions";
import { placeholder } from "../../secrets/secretRef";
import type { Endpoint } from "../../topology/topology";
import { requireServices, type WorkloadContext } from "../workloadContext";
import type { AppEntry, WebProcess } from "./appEntry";
import { placed, podsOf, type PlacedProcess } from "./appLayout";

/** Of an application of the environment, by its name, process and port. */
export type EndpointOf = (app: string, process: string, port: string) => Endpoint | undefined;

const ROUTES = [{ kind: "http", path: "/" }] as const;
/** Of oauth2-proxy: 202 for who has logged in, 401 for others. */
const ASKED = "/oauth2/auth";

/** Passwords and the like of an entry, as placeholders by variable. */
export function secretVariables(
  { name, configuredSecrets = {}, generatedSecrets = [] }: AppEntry,
  { secrets }: Pick<WorkloadContext, "secrets">,
): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...Object.entries(configuredSecrets).map(([variable, key]) => [variable, secrets.configured(key)] as const),
    ...generatedSecrets.map((variable) => {
      const id = `apps/${name}/${variable}`;
      // Nobody here knows what it encrypts.
      const loses = `the secret ${id}, and whatever ${name} has encrypted with it`;
      return [variable, secrets.kept(id, { owner: name, loses })] as const;
    }),
  ]);
}

/** @param mistaken whether mistakes are told of that place already */
export function exposeEntry(
  entry: AppEntry,
  endpoints: ReadonlyMap<string, Endpoint>,
  endpointOf: EndpointOf,
  context: WorkloadContext,
  mistaken: (place: string) => boolean,
): void {
  for (const one of placed(entry)) {
    const { process, key, path } = one;
    const endpoint = endpoints.get(`${key}/http`);
    if (process.kind !== "web" || endpoint === undefined) continue;
    const canary = canaryOf(process, endpoints.get(`${key}-canary/http`));
    for (const [i, { host, routes = ROUTES }] of (process.expose ?? []).entries())
      if (!mistaken(`${path}.expose[${i}]`)) {
        const { ingress } = requireServices(context, entry.name, ["ingress"]);
        const guard = (authentication: Authentication): Guard | undefined =>
          guardOf(authentication, entry, one, endpointOf, context);
        ingress.expose(endpoint, { host, routes, guard, ...(canary === undefined ? {} : { canary }) });
      }
  }
}

function canaryOf({ canary }: WebProcess, endpoint: Endpoint | undefined): Canary | undefined {
  return canary === undefined || endpoint === undefined ? undefined : { endpoint, percent: canary.percent };
}

/** Undefined where it names what is not there: judgeRoutes tells. */
function guardOf(
  authentication: Authentication,
  entry: AppEntry,
  one: PlacedProcess,
  endpointOf: EndpointOf,
  context: WorkloadContext,
): Guard | undefined {
  if (authentication.kind === "basic") {
    const variables = secretVariables(entry, context);
    const passwords = Object.entries(authentication.users).map(
      ([user, variable]) => [user, variables[variable] ?? placeholder("unasked")] as const,
    );
    return { kind: "basic", passwords: Object.fromEntries(passwords) };
  }
  const { app, process = "web", port = "http", path = ASKED, signIn, passes } = authentication;
  const endpoint = endpointOf(app, process, port);
  const ingress = context.ingress;
  if (endpoint === undefined || ingress === undefined) return undefined;
  const why = `the ingress asks ${app} who comes to ${podsOf(entry, one).app}`;
  return {
    kind: "oidc",
    address: context.topology.connect(ingress.asks, endpoint, why),
    path,
    ...(signIn === undefined ? {} : { signIn }),
    ...(passes === undefined ? {} : { passes }),
  };
}

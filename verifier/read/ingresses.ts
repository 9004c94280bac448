import { at, objectKey, texts, type EmittedResource, type GraphIndex } from "./graph";
import { ingressPaths, type IngressPath } from "./ingressRoutes";
import { isFor, type WebBackend, type WebRoute } from "./webRoutes";

/**
 * All paths of all Ingresses, as ingress-nginx puts them together: a canary's backend beside the one that it is for,
 * headers from the ConfigMaps that are named. `classes`: those that the controller reads.
 */
export function readIngresses(index: GraphIndex, classes: readonly string[], problems: string[]): readonly WebRoute[] {
  const all = index
    .ofType("kubernetes:networking.k8s.io/v1:Ingress")
    .flatMap((one) => ingressPaths(one, classes, problems));
  const served = all.filter(({ route }) => route.unserved === undefined);
  problems.push(...misread(served));
  const canaries = canariesOf(served, problems);
  const maps = index.ofType("kubernetes:core/v1:ConfigMap");
  return all
    .filter(({ canaryPercent }) => canaryPercent === undefined)
    .map(({ route }) => withHeaders(shared(route, canaries), maps));
}

/** Where one Ingress of a host has a pattern, the paths of all are patterns: open at the end, in lower case and upper. */
function misread(served: readonly IngressPath[]): readonly string[] {
  return served.flatMap(({ route, written }) => {
    const maker = served.find((other) => other.makesPatterns && other.route.host === route.host);
    const label = `Ingress ${route.namespace}/${route.name}`;
    if (written === "pattern" && maker === undefined)
      return [`${label}: a pattern without use-regex, which takes nothing`];
    if (written === "plain" && maker !== undefined)
      return [
        `${label}: ${route.host}${route.path} is a pattern there, since Ingress ${maker.route.namespace}/${maker.route.name} has one: it takes whatever begins with it`,
      ];
    return [];
  });
}

interface CanaryBackend {
  /** Whose requests it shares, as ingress-nginx does: of whatever leads to that Service. */
  readonly beside: string;
  readonly backend: WebBackend;
}

const keyOf = ({ namespace, service, port }: WebBackend): string => `${namespace}/${service}:${port}`;

function canariesOf(served: readonly IngressPath[], problems: string[]): readonly CanaryBackend[] {
  const found: CanaryBackend[] = [];
  for (const { route, canaryPercent } of served) {
    if (canaryPercent === undefined) continue;
    const label = `Ingress ${route.namespace}/${route.name}`;
    problems.push(...strangeChoices(route).map((name) => `${label}: ${name} of a canary`));
    const main = served.find((other) => other.canaryPercent === undefined && isFor(other.route, route));
    const [own] = main?.route.backends ?? [];
    const [backend] = route.backends;
    if (own === undefined || backend === undefined) {
      problems.push(`${label}: a canary of ${route.host}${route.path}, which no other Ingress has: nobody comes to it`);
      continue;
    }
    const beside = keyOf(own);
    const known = found.find((one) => one.beside === beside);
    if (known === undefined) found.push({ beside, backend: { ...backend, percent: Math.min(canaryPercent, 100) } });
    else if (keyOf(known.backend) !== keyOf(backend) || known.backend.percent !== canaryPercent)
      problems.push(`${label}: a second canary of ${beside}: ingress-nginx takes one of them`);
  }
  return found;
}

/** All else a canary has from the route that it is for, except who comes to it. */
const CANARY = ["canary", "canary-weight"];

function strangeChoices({ limits }: WebRoute): readonly string[] {
  const names = limits.controller === "ingress-nginx" ? Object.keys(limits.annotations) : [];
  return names.filter((name) => name.startsWith("canary") && !CANARY.includes(name));
}

function shared(route: WebRoute, canaries: readonly CanaryBackend[]): WebRoute {
  const [own] = route.backends;
  if (own === undefined) return route;
  const canary = canaries.find(({ beside }) => beside === keyOf(own));
  if (canary === undefined) return route;
  const { backend } = canary;
  return {
    ...route,
    backends: [{ ...own, percent: 100 - backend.percent }, backend].filter(({ percent }) => percent > 0),
  };
}

/** Without them where the ConfigMap is not there: then nginx denies the route, which ask/ tells. */
function withHeaders(route: WebRoute, maps: readonly EmittedResource[]): WebRoute {
  const { limits } = route;
  const named = limits.controller === "ingress-nginx" ? limits.annotations["custom-headers"] : undefined;
  if (named === undefined) return route;
  const map = maps.find((one) => objectKey(one) === named);
  return map === undefined ? route : { ...route, responseHeaders: texts(at(map.inputs, "data")) };
}

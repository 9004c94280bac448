import { checkBackends } from "./backends";
import type { Cluster } from "../read/cluster";
import type { Workload } from "../read/workload";
import type { Declaration, DeclaredRoute } from "../declaration";
import type { Finding } from "../finding";
import { gatewayHops, gatewayLongest, gatewayMistakes } from "./gatewayLimits";
import type { HopLimits } from "./hops";
import { annotationMistakes } from "../read/ingressRoutes";
import { checkEnding } from "./ending";
import { checkController, checkIngress, nginxHops, nginxLongest, readSeconds } from "./nginxLimits";
import { patientConnections } from "./patientConnections";
import type { Paths } from "../walk/paths";
import { isFor, routeLabel, takers, type WebRoute } from "../read/webRoutes";
import type { World } from "../read/world";

/** Which hop gives up first on each route, and is it as patient as the route needs? */
export function checkPatient(
  paths: Paths,
  declaration: Declaration,
): { readonly findings: readonly Finding[]; readonly routes: number } {
  const { world } = paths;
  const findings = [
    ...mistakes(world.cluster.routes),
    ...declaration.routes.flatMap((route) => checkRoute(world, declaration, route)),
    ...checkController(world),
    ...checkEnding(world),
    ...patientConnections(paths, declaration),
  ];
  return { findings, routes: declaration.routes.length };
}

/** Limits that nobody reads, or that are refused: of each object once for each path. */
function mistakes(routes: readonly WebRoute[]): readonly Finding[] {
  return routes.flatMap((route) => {
    const { limits } = route;
    const nginx = limits.controller === "ingress-nginx";
    return (nginx ? annotationMistakes(limits) : gatewayMistakes(limits)).map((value) => ({
      question: "patient" as const,
      subject: `${route.host}${route.path}`,
      at: `${route.form} ${route.namespace}/${route.name}`,
      rule: nginx ? "annotation" : "timeouts",
      value,
      remedy: `write the limit as a typed route (components/cluster/routes.ts)${nginx ? "; proxy-read-timeout and proxy-send-timeout are what exists" : ""}`,
    }));
  });
}

/** The hops between a client and the pods, from the outside in. */
export function routeHops(
  world: World,
  declaration: Declaration,
  declared: DeclaredRoute,
  route: WebRoute,
): readonly HopLimits[] {
  const { limits } = route;
  return [
    ...declaration.gateways
      .filter((gateway) => gateway.host === declared.host && declared.path.startsWith(gateway.path))
      .map(({ name, totalSeconds, idleSeconds }) => ({
        hop: `gateway ${name}`,
        rule: "web.gateways of the environment",
        idle: idleSeconds ?? Infinity,
        total: totalSeconds ?? Infinity,
      })),
    ...balancerHops(world),
    ...(limits.controller === "ingress-nginx"
      ? nginxHops(world.cluster, declared, route, limits)
      : gatewayHops(route, limits)),
  ];
}

function balancerHops(world: World): readonly HopLimits[] {
  return [...world.balancers.values()].flatMap((balancer) =>
    balancer.services.flatMap(({ idleSeconds, resource }) =>
      !balancer.isPublic || idleSeconds === undefined
        ? []
        : [
            {
              hop: `load balancer ${balancer.name}`,
              rule: `http.timeoutIdle of ${resource}`,
              idle: idleSeconds,
              total: Infinity,
            },
          ],
    ),
  );
}

/** The routes that take a declared one's requests; the last one takes whatever the others leave. */
export function servedBy(cluster: Cluster, declared: DeclaredRoute): readonly WebRoute[] | undefined {
  const found = takers(cluster.routes, declared);
  const whole = found.filter(({ condition }) => condition === undefined);
  return whole.length > 0 && whole.every((route) => isFor(route, declared)) ? found : undefined;
}

function checkRoute(world: World, declaration: Declaration, declared: DeclaredRoute): readonly Finding[] {
  const routes = servedBy(world.cluster, declared);
  if (routes === undefined) return [missing(world.cluster, declared)];
  // Nothing waits for an answer that the entry gives itself; checkRouteOptions asks which one.
  if (declared.sentTo !== undefined) return [];
  const versions = [declared, ...(declared.canary === undefined ? [] : [declared.canary])];
  const workloads = versions.map(({ namespace, app }) =>
    world.cluster.workloads.find(({ label }) => label === `${namespace}/${app}`),
  );
  const subject = routeSubject(declared);
  return [
    ...routes.flatMap((route) => [
      ...checkBackends(world.cluster, declared, route, subject),
      ...checkHops(world, declaration, declared, route, workloads[0]),
    ]),
    ...workloads.flatMap((workload) => checkGrace(declared, workload)),
  ];
}

const routeSubject = ({ kind, host, path }: DeclaredRoute): string => `${kind} ${host}${path}`;

function missing(cluster: Cluster, declared: DeclaredRoute): Finding {
  const gateway = cluster.controller === undefined ? cluster.gateways[0] : undefined;
  const [form, reader] =
    gateway === undefined
      ? ["an Ingress of its class", "ingress-nginx"]
      : ["an HTTPRoute attached to it", gateway.label];
  const found = takers(cluster.routes, declared);
  const whole = found.find(({ condition }) => condition === undefined);
  const parts = found.filter((route) => route !== whole && isFor(route, declared));
  const idle = cluster.routes.find((route) => route.unserved !== undefined && isFor(route, declared));
  const value = [
    whole === undefined
      ? `${parts.length === 0 ? "nothing answers" : `nothing answers without ${parts.map(({ condition }) => condition).join(" or ")}`}: 404`
      : `"${whole.path}" takes its requests, with that route's limits${readLimit(cluster, whole)}`,
    ...(idle === undefined ? [] : [`${routeLabel(idle)} is not served: ${idle.unserved ?? ""}`]),
  ];
  return {
    question: "open",
    subject: routeSubject(declared),
    at: reader,
    rule: `missing: ${form} for ${declared.host}${declared.path} (${declared.match})`,
    value: value.join("; "),
    remedy: `expose the route; its ${gateway === undefined ? "Ingress" : "HTTPRoute"} is derived from it`,
  };
}

function readLimit(cluster: Cluster, { limits }: WebRoute): string {
  if (limits.controller === "ingress-nginx") return ` (read ${readSeconds(cluster, limits)} s)`;
  return ` (request ${limits.request ?? "unsaid"}, backendRequest ${limits.backendRequest ?? "unsaid"})`;
}

function checkHops(
  world: World,
  declaration: Declaration,
  declared: DeclaredRoute,
  route: WebRoute,
  workload: Workload | undefined,
): readonly Finding[] {
  const subject = routeSubject(declared);
  const findings: Finding[] = [];
  const find = (at: string, rule: string, value: string, remedy: string): void => {
    findings.push({ question: "patient", subject, at, rule, value, remedy });
  };
  const { silenceSeconds, firstByteSeconds, longestRequestSeconds } = declared;
  const hops = routeHops(world, declaration, declared, route);
  // Whoever waits for an answer waits for its first byte as well.
  const whole =
    longestRequestSeconds === undefined
      ? undefined
      : Math.max(longestRequestSeconds, firstByteSeconds ?? 0, silenceSeconds);
  const stream = declared.kind === "websocket" || declared.kind === "sse";
  for (const { hop, rule, idle, total, remedy } of hops) {
    if (stream ? idle <= silenceSeconds : idle < silenceSeconds) {
      find(
        hop,
        rule,
        `${idle} s of silence, but ${stream ? `a heartbeat comes every ${silenceSeconds} s` : `an answer may take ${silenceSeconds} s`}`,
        stream
          ? `send heartbeats more often than every ${idle} s, or raise ${rule} above ${silenceSeconds}`
          : `raise ${rule} to ${silenceSeconds} s at least, or answer faster`,
      );
    }
    if (firstByteSeconds !== undefined && idle < firstByteSeconds && idle >= silenceSeconds) {
      find(
        hop,
        rule,
        `${idle} s, but the first byte may take ${firstByteSeconds} s`,
        `raise ${rule}, or send the first byte sooner`,
      );
    }
    if (total < (whole ?? Infinity)) {
      const needed = whole === undefined ? "the session stays open" : `a request may take ${whole} s`;
      find(
        hop,
        rule,
        `it gives up after ${total} s whatever flows, but ${needed}`,
        remedy?.(whole) ?? `lead this route around ${hop}; no timeout behind it can help`,
      );
    }
  }
  const { limits } = route;
  const order = longest(world.cluster, declared, route, workload);
  for (const { hop, rule, idle } of order === undefined ? [] : balancerHops(world)) {
    if (order !== undefined && idle <= order.seconds)
      find(hop, rule, `${idle} s, but ${order.words}`, order.remedy(idle, rule));
  }
  if (limits.controller === "ingress-nginx")
    for (const { at, rule, value, remedy } of checkIngress(world.cluster, declared, route, limits))
      find(at, rule, value, remedy);
  return findings;
}

/** How long the controller may take: the inner hop must give up first, so that its answer arrives instead of a cut connection. */
function longest(
  cluster: Cluster,
  declared: DeclaredRoute,
  route: WebRoute,
  workload: Workload | undefined,
):
  | { readonly seconds: number; readonly words: string; readonly remedy: (idle: number, rule: string) => string }
  | undefined {
  const { limits } = route;
  if (limits.controller === "ingress-nginx") {
    const { tries, connect, read } = nginxLongest(cluster, limits, workload);
    const seconds = tries * (connect + read);
    return {
      seconds,
      words: `ingress-nginx behind it may take ${seconds} s: ${tries} ${tries === 1 ? "try" : "tries"} of ${connect} s to connect and ${read} s to read`,
      remedy: (idle, rule) =>
        `lower proxy-read-timeout of ${routeLabel(route)} below ${Math.floor(idle / Math.max(tries, 1)) - connect} s, or raise ${rule} above ${seconds}`,
    };
  }
  // A stream has no answer that could arrive late: its silence is what every hop limits by itself.
  if (declared.longestRequestSeconds === undefined) return undefined;
  const seconds = gatewayLongest(limits);
  return {
    seconds,
    words: `${limits.gateway} behind it may take ${seconds === Infinity ? "without end" : `${seconds} s`} for an answer`,
    remedy: (idle, rule) =>
      `set timeouts.request or timeouts.backendRequest of ${routeLabel(route)} below ${idle}s${seconds === Infinity ? "" : `, or raise ${rule} above ${seconds}`}`,
  };
}

function checkGrace(declared: DeclaredRoute, workload: Workload | undefined): readonly Finding[] {
  if (workload === undefined || declared.longestRequestSeconds === undefined) return [];
  const left = workload.graceSeconds - workload.preStopSeconds;
  if (left >= declared.longestRequestSeconds) return [];
  return [
    {
      question: "patient",
      subject: routeSubject(declared),
      at: workload.label,
      rule: "terminationGracePeriodSeconds",
      value: `${workload.graceSeconds} s, of which preStop takes ${workload.preStopSeconds}: ${left} s are left for requests of ${declared.longestRequestSeconds} s`,
      remedy: `raise it to ${declared.longestRequestSeconds + workload.preStopSeconds} at least`,
    },
  ];
}

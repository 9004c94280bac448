import { selected, type Cluster, type Workload } from "./cluster";
import type { Declaration, DeclaredRoute } from "./declaration";
import type { Finding } from "./finding";
import { annotationMistakes, ingressRoutes, megabytes, routeFor, type IngressRoute } from "./ingressRoutes";
import { patientConnections } from "./patientConnections";
import { checkController, NGINX, seconds } from "./nginxLimits";
import type { Paths } from "./paths";
import type { World } from "./world";

/** One hop's limits on a route, in seconds. */
export interface HopLimits {
  readonly hop: string;
  /** Where the limit is set. */
  readonly rule: string;
  /** Silence after which it gives up. */
  readonly idle: number;
  /** After which it gives up whatever flows. */
  readonly total: number;
}

/** Which hop gives up first on each route, and is it as patient as the route needs? */
export function checkPatient(
  paths: Paths,
  declaration: Declaration,
): { readonly findings: readonly Finding[]; readonly routes: number } {
  const { world } = paths;
  const routes = ingressRoutes(world.cluster);
  const findings = [
    ...routes.flatMap((route) =>
      annotationMistakes(route).map((value) => ({
        question: "patient" as const,
        subject: `${route.host}${route.path}`,
        at: `Ingress ${route.namespace}/${route.ingress}`,
        rule: "annotation",
        value,
        remedy:
          "write the limit as a typed route (components/cluster/routes.ts); proxy-read-timeout and proxy-send-timeout are what exists",
      })),
    ),
    ...declaration.routes.flatMap((route) => checkRoute(world, declaration, routes, route)),
    ...checkController(world),
    ...patientConnections(paths, declaration),
  ];
  return { findings, routes: declaration.routes.length };
}

/** The hops between a client and the pods, from the outside in. */
export function routeHops(
  world: World,
  declaration: Declaration,
  route: DeclaredRoute,
  ingress: IngressRoute,
): readonly HopLimits[] {
  const read = seconds(world.cluster, ingress, "proxy-read-timeout", NGINX.read);
  return [
    ...declaration.gateways
      .filter((gateway) => gateway.host === route.host && route.path.startsWith(gateway.path))
      .map(({ name, totalSeconds, idleSeconds }) => ({
        hop: `gateway ${name}`,
        rule: "web.gateways of the environment",
        idle: idleSeconds ?? Infinity,
        total: totalSeconds ?? Infinity,
      })),
    ...[...world.balancers.values()].flatMap((balancer) =>
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
    ),
    {
      hop: "ingress-nginx, reading",
      rule: `proxy-read-timeout of Ingress ${ingress.ingress}`,
      idle: read,
      total: Infinity,
    },
    // Between two writes to the pod: what a client of a WebSocket sends.
    ...(route.kind === "websocket"
      ? [
          {
            hop: "ingress-nginx, sending",
            rule: `proxy-send-timeout of Ingress ${ingress.ingress}`,
            idle: seconds(world.cluster, ingress, "proxy-send-timeout", NGINX.send),
            total: Infinity,
          },
        ]
      : []),
  ];
}

function checkRoute(
  world: World,
  declaration: Declaration,
  routes: readonly IngressRoute[],
  route: DeclaredRoute,
): readonly Finding[] {
  const subject = `${route.kind} ${route.host}${route.path}`;
  const findings: Finding[] = [];
  const find = (
    at: string,
    rule: string,
    value: string,
    remedy: string,
    question: Finding["question"] = "patient",
  ): void => {
    findings.push({ question, subject, at, rule, value, remedy });
  };
  const ingress = routes.find(
    (one) => one.host === route.host && one.path === route.path && one.match === route.match && one.served,
  );
  if (ingress === undefined) {
    const instead = routeFor(routes, route.host, route.path);
    const value =
      instead === undefined
        ? "nothing answers: 404"
        : `"${instead.path}" takes its requests, with that route's limits (read ${seconds(world.cluster, instead, "proxy-read-timeout", NGINX.read)} s)`;
    find(
      "ingress-nginx",
      `missing: an Ingress of its class for ${route.host}${route.path} (${route.match})`,
      value,
      "expose the route; its Ingress is derived from it",
      "open",
    );
    return findings;
  }
  const workload = backend(world.cluster, ingress, route);
  if (workload === undefined) {
    find(
      `Ingress ${ingress.ingress}`,
      `backend ${ingress.service}:${ingress.servicePort}`,
      `no such Service leads to pods of ${route.namespace}/${route.app}`,
      "let the Ingress name the application's Service and port",
      "open",
    );
  }
  const hops = routeHops(world, declaration, route, ingress);
  const stream = route.kind === "websocket" || route.kind === "sse";
  for (const { hop, rule, idle, total } of hops) {
    if (stream ? idle <= route.silenceSeconds : idle < route.silenceSeconds) {
      find(
        hop,
        rule,
        `${idle} s of silence, but ${stream ? `a heartbeat comes every ${route.silenceSeconds} s` : `an answer may take ${route.silenceSeconds} s`}`,
        stream
          ? `send heartbeats more often than every ${idle} s, or raise ${rule} above ${route.silenceSeconds}`
          : `raise ${rule} to ${route.silenceSeconds} s at least, or answer faster`,
      );
    }
    if (route.firstByteSeconds !== undefined && idle < route.firstByteSeconds && idle >= route.silenceSeconds) {
      find(
        hop,
        rule,
        `${idle} s, but the first byte may take ${route.firstByteSeconds} s`,
        `raise ${rule}, or send the first byte sooner`,
      );
    }
    if (total < (route.longestRequestSeconds ?? Infinity)) {
      const needed =
        route.longestRequestSeconds === undefined
          ? "the session stays open"
          : `a request may take ${route.longestRequestSeconds} s`;
      find(
        hop,
        rule,
        `it gives up after ${total} s whatever flows, but ${needed}`,
        `lead this route around ${hop}; no timeout behind it can help`,
      );
    }
  }
  findings.push(...checkOrder(subject, hops, world, ingress, workload));
  checkConnect(world.cluster, ingress, find);
  checkBody(world.cluster, route, ingress, find);
  checkGrace(route, workload, find);
  return findings;
}

/** The inner hop must give up first, its retries included: then its answer arrives instead of a cut connection. */
function checkOrder(
  subject: string,
  hops: readonly HopLimits[],
  world: World,
  ingress: IngressRoute,
  workload: Workload | undefined,
): readonly Finding[] {
  const inner = hops.find(({ hop }) => hop === "ingress-nginx, reading");
  if (inner === undefined) return [];
  const connect = seconds(world.cluster, ingress, "proxy-connect-timeout", NGINX.connect);
  const next = ingress.annotations["proxy-next-upstream"] ?? "error timeout";
  const tries =
    next === "off"
      ? 1
      : Math.min(
          Number(ingress.annotations["proxy-next-upstream-tries"] ?? NGINX.tries),
          workload?.replicas ?? NGINX.tries,
        );
  const longest = tries * (connect + inner.idle);
  return hops
    .filter(({ hop, idle }) => hop.startsWith("load balancer") && idle <= longest)
    .map(({ hop, rule, idle }) => ({
      question: "patient" as const,
      subject,
      at: hop,
      rule,
      value: `${idle} s, but ingress-nginx behind it may take ${longest} s: ${tries} ${tries === 1 ? "try" : "tries"} of ${connect} s to connect and ${inner.idle} s to read`,
      remedy: `lower ${inner.rule} below ${Math.floor(idle / Math.max(tries, 1)) - connect} s, or raise ${rule} above ${longest}`,
    }));
}

type Find = (at: string, rule: string, value: string, remedy: string) => void;

/** Waiting longer for a connection cures nothing: what is needed is the rule that lets it through. */
function checkConnect(cluster: Cluster, ingress: IngressRoute, find: Find): void {
  const connect = seconds(cluster, ingress, "proxy-connect-timeout", NGINX.connect);
  if (connect <= NGINX.connect) return;
  find(
    `Ingress ${ingress.ingress}`,
    "proxy-connect-timeout",
    `${connect} s: within one cluster a connection stands in milliseconds or never, so this opens nothing and only hides what is blocked`,
    `take it back to ${NGINX.connect} s; where connections fail, mend the filter that the verdict names as blocking`,
  );
}

function checkBody(cluster: Cluster, route: DeclaredRoute, ingress: IngressRoute, find: Find): void {
  const at = `Ingress ${ingress.ingress}`;
  const size =
    ingress.annotations["proxy-body-size"] ?? cluster.controller?.options["proxy-body-size"] ?? `${NGINX.bodyMb}m`;
  if (megabytes(size) < route.maxBodyMb)
    find(
      at,
      "proxy-body-size",
      `${size}, but requests have up to ${route.maxBodyMb} MiB`,
      `raise it to ${route.maxBodyMb}m`,
    );
  if (route.kind === "sse" && (ingress.annotations["proxy-buffering"] ?? "off") !== "off")
    find(at, "proxy-buffering", "on: events are collected before they are passed on", "turn it off");
  if (route.kind === "upload" && (ingress.annotations["proxy-request-buffering"] ?? "on") !== "off")
    find(at, "proxy-request-buffering", "on: nginx collects the whole body first, on the node's disk", "turn it off");
}

function checkGrace(route: DeclaredRoute, workload: Workload | undefined, find: Find): void {
  if (workload === undefined || route.longestRequestSeconds === undefined) return;
  const left = workload.graceSeconds - workload.preStopSeconds;
  if (left >= route.longestRequestSeconds) return;
  find(
    workload.label,
    "terminationGracePeriodSeconds",
    `${workload.graceSeconds} s, of which preStop takes ${workload.preStopSeconds}: ${left} s are left for requests of ${route.longestRequestSeconds} s`,
    `raise it to ${route.longestRequestSeconds + workload.preStopSeconds} at least`,
  );
}

function backend(cluster: Cluster, ingress: IngressRoute, route: DeclaredRoute): Workload | undefined {
  const service = cluster.services.find((one) => one.namespace === ingress.namespace && one.name === ingress.service);
  if (service === undefined || !service.ports.some(({ port }) => port === ingress.servicePort)) return undefined;
  return selected(cluster, service.namespace, service.selector).find(
    (workload) => workload.label === `${route.namespace}/${route.app}`,
  );
}

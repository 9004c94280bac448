import type { Cluster } from "../read/cluster";
import type { Workload } from "../read/workload";
import type { DeclaredRoute } from "../declaration";
import type { Finding } from "../finding";
import type { HopLimits } from "./hops";
import { megabytes } from "../read/ingressRoutes";
import { routeLabel, type NginxLimits, type WebRoute } from "../read/webRoutes";
import type { World } from "../read/world";

/** ingress-nginx' defaults (its documentation, ConfigMap and annotations). */
export const NGINX = {
  connect: 5,
  read: 60,
  send: 60,
  bodyMb: 1,
  keepAlive: 75,
  tries: 3,
  workerShutdown: 240,
} as const;

/** A limit of a route, in seconds: its own, the controller's, or what nginx does anyway. */
function seconds(cluster: Cluster, { annotations }: NginxLimits, name: string, fallback: number): number {
  const value = Number(annotations[name] ?? cluster.controller?.options[name] ?? fallback);
  return Number.isFinite(value) ? value : fallback;
}

/** Seconds for which nginx waits for the pod to say something. */
export const readSeconds = (cluster: Cluster, limits: NginxLimits): number =>
  seconds(cluster, limits, "proxy-read-timeout", NGINX.read);

export function nginxHops(
  cluster: Cluster,
  declared: DeclaredRoute,
  route: WebRoute,
  limits: NginxLimits,
): readonly HopLimits[] {
  return [
    {
      hop: "ingress-nginx, reading",
      rule: `proxy-read-timeout of ${routeLabel(route)}`,
      idle: readSeconds(cluster, limits),
      total: Infinity,
    },
    // Between two writes to the pod: what a client of a WebSocket sends.
    ...(declared.kind === "websocket"
      ? [
          {
            hop: "ingress-nginx, sending",
            rule: `proxy-send-timeout of ${routeLabel(route)}`,
            idle: seconds(cluster, limits, "proxy-send-timeout", NGINX.send),
            total: Infinity,
          },
        ]
      : []),
  ];
}

/** How long nginx may take until it gives up, its retries included: on `replicas` pods at most. */
export function nginxLongest(
  cluster: Cluster,
  limits: NginxLimits,
  workload: Workload | undefined,
): { readonly tries: number; readonly connect: number; readonly read: number } {
  const next = limits.annotations["proxy-next-upstream"] ?? "error timeout";
  const most = Number(limits.annotations["proxy-next-upstream-tries"] ?? NGINX.tries);
  return {
    tries: next === "off" ? 1 : Math.min(most, workload?.replicas ?? NGINX.tries),
    connect: seconds(cluster, limits, "proxy-connect-timeout", NGINX.connect),
    read: readSeconds(cluster, limits),
  };
}

/** What else an Ingress says of its route: `at`, rule, value and remedy of each mistake. */
export function checkIngress(
  cluster: Cluster,
  declared: DeclaredRoute,
  route: WebRoute,
  limits: NginxLimits,
): readonly Omit<Finding, "question" | "subject">[] {
  const at = routeLabel(route);
  const { annotations } = limits;
  const findings: Omit<Finding, "question" | "subject">[] = [];
  const find = (rule: string, value: string, remedy: string): void => {
    findings.push({ at, rule, value, remedy });
  };
  // Waiting longer for a connection cures nothing: what is needed is the rule that lets it through.
  const connect = seconds(cluster, limits, "proxy-connect-timeout", NGINX.connect);
  if (connect > NGINX.connect)
    find(
      "proxy-connect-timeout",
      `${connect} s: within one cluster a connection stands in milliseconds or never, so this opens nothing and only hides what is blocked`,
      `take it back to ${NGINX.connect} s; where connections fail, mend the filter that the verdict names as blocking`,
    );
  const size = annotations["proxy-body-size"] ?? cluster.controller?.options["proxy-body-size"] ?? `${NGINX.bodyMb}m`;
  if (megabytes(size) < declared.maxBodyMb)
    find(
      "proxy-body-size",
      `${size}, but requests have up to ${declared.maxBodyMb} MiB`,
      `raise it to ${declared.maxBodyMb}m`,
    );
  if (declared.kind === "sse" && (annotations["proxy-buffering"] ?? "off") !== "off")
    find("proxy-buffering", "on: events are collected before they are passed on", "turn it off");
  const name = "proxy-request-buffering";
  const collects = (annotations[name] ?? cluster.controller?.options[name] ?? "on") !== "off";
  if (declared.kind === "upload" && collects)
    find(name, "on: nginx collects the whole body first, on the node's disk", "turn it off");
  if (declared.kind !== "upload" && !collects)
    find(
      name,
      "off: a slow client holds a thread of the pod for as long as it sends, and no other pod can be tried",
      "leave it on, or declare an upload",
    );
  return findings;
}

/** What holds for all routes: the controller's own limits. */
export function checkController(world: World): readonly Finding[] {
  const { controller } = world.cluster;
  if (controller === undefined) return [];
  const { options, workload } = controller;
  const findings: Finding[] = [];
  const find = (question: Finding["question"], rule: string, value: string, remedy: string): void => {
    findings.push({ question, subject: "every route", at: `ConfigMap of ${workload.label}`, rule, value, remedy });
  };
  const outer = [...world.balancers.values()].filter(({ isPublic }) => isPublic);
  const idle = Math.max(0, ...outer.flatMap(({ services }) => services.map(({ idleSeconds }) => idleSeconds ?? 0)));
  const keepAlive = Number(options["keep-alive"] ?? NGINX.keepAlive);
  if (keepAlive <= idle)
    find(
      "patient",
      "keep-alive",
      `${keepAlive} s, but the load balancers keep a connection for ${idle} s: they send requests into one that is being closed`,
      `raise it above ${idle}`,
    );
  if (options["use-forwarded-headers"] === "true") {
    const trusted = (options["proxy-real-ip-cidr"] ?? "0.0.0.0/0").split(",").sort();
    const wanted = outer.map(({ addressText }) => `${addressText}/32`).sort();
    if (trusted.join() !== wanted.join())
      find(
        "closed",
        "proxy-real-ip-cidr",
        `${trusted.join(", ")} may say who the client is`,
        `trust the load balancers only: ${wanted.join(", ")}`,
      );
  }
  return findings;
}

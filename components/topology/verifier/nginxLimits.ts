import type { Cluster } from "./cluster";
import type { Finding } from "./finding";
import type { IngressRoute } from "./ingressRoutes";
import type { World } from "./world";

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
export function seconds(cluster: Cluster, { annotations }: IngressRoute, name: string, fallback: number): number {
  const value = Number(annotations[name] ?? cluster.controller?.options[name] ?? fallback);
  return Number.isFinite(value) ? value : fallback;
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
  const shutdown = Number((options["worker-shutdown-timeout"] ?? `${NGINX.workerShutdown}s`).replace(/s$/, ""));
  if (workload.graceSeconds <= shutdown)
    find(
      "patient",
      "worker-shutdown-timeout",
      `${shutdown} s, but the controller is killed after ${workload.graceSeconds} s`,
      "raise terminationGracePeriodSeconds above it",
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

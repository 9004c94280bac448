import { hearsWithin, type BalancerService } from "../read/balancers";
import { selected, type Controller } from "../read/cluster";
import type { Finding } from "../finding";
import type { World } from "../read/world";
import { NGINX } from "./nginxLimits";

/**
 * May a pod of the ingress controller end without failing a connection? It says that it stops, the balancers hear it, and
 * only then nginx closes its port; what is being answered has its time before the kill.
 */
export function checkEnding(world: World): readonly Finding[] {
  const { controller } = world.cluster;
  if (controller === undefined) return [];
  return [...toldInTime(world, controller), ...killedAfter(controller)].map((found) => ({
    ...found,
    question: "patient" as const,
    subject: "the end of an ingress pod",
  }));
}

type Found = Pick<Finding, "at" | "rule" | "value" | "remedy">;

function toldInTime(world: World, controller: Controller): readonly Found[] {
  const { before } = controller.shutdownSeconds;
  const serves = Math.min(before, controller.unreadySeconds);
  const ports = nodePorts(world, controller);
  return [...world.balancers.values()].flatMap(({ name, services }) =>
    services
      .filter(({ destinationPort }) => ports.includes(destinationPort))
      .flatMap((service): readonly Found[] => {
        const rule = `healthCheck of ${service.resource}`;
        if (!isTold(service, controller))
          return [
            {
              at: name,
              rule,
              value: "nginx itself answers it for as long as its port is open: connections fail until that is noticed",
              remedy:
                "ask by a name that http-snippet hands on to the controller's own health, and expect 200 (controllerHealth.ts)",
            },
          ];
        const hears = hearsWithin(service);
        if (hears < serves) return [];
        return [
          before <= controller.unreadySeconds
            ? {
                at: controller.workload.label,
                rule: "--shutdown-grace-period",
                value: `nginx closes its port ${before} s after it is told to stop, and ${name} may take ${hears} s to hear it`,
                remedy: `raise it above ${hears}, or check more often`,
              }
            : {
                at: controller.workload.label,
                rule: "readinessProbe",
                value: `the pod may count as not ready after ${controller.unreadySeconds} s, which closes the NodePort, and ${name} may take ${hears} s to hear that it stops`,
                remedy: `let periodSeconds x (failureThreshold - 1) be more than ${hears}, or check more often`,
              },
        ];
      }),
  );
}

function isTold({ check }: BalancerService, { healthNames }: Controller): boolean {
  if (check?.protocol !== "http" || check.statuses.some((status) => /^5|^\?/.test(status))) return false;
  return healthNames.some(({ host, path }) => host === check.host && path === check.path);
}

function killedAfter({ workload, options, shutdownSeconds: { before, after } }: Controller): readonly Found[] {
  const workers = Number((options["worker-shutdown-timeout"] ?? `${NGINX.workerShutdown}s`).replace(/s$/, ""));
  const whole = before + workers + after;
  if (workload.graceSeconds > whole) return [];
  return [
    {
      at: workload.label,
      rule: "terminationGracePeriodSeconds",
      value: `${workload.graceSeconds} s, but it takes requests for ${before} s more, ends them within ${workers} s, and waits ${after} s`,
      remedy: `raise it above ${whole}`,
    },
  ];
}

/** Ports of the nodes that lead to the controller. */
function nodePorts({ cluster }: World, { workload }: Controller): readonly number[] {
  return cluster.services
    .filter(({ namespace, selector }) => selected(cluster, namespace, selector).includes(workload))
    .flatMap(({ ports }) => ports.flatMap(({ nodePort }) => nodePort ?? []));
}

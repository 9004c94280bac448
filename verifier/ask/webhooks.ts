import { selected } from "../read/cluster";
import { containerPort } from "../read/workload";
import type { Finding } from "../finding";
import { at, integer, list, text } from "../read/graph";
import type { Paths } from "../walk/paths";
import { blockedAt } from "../walk/steps";

/** Kubernetes' default of clientConfig.service.port. */
const DEFAULT_PORT = 443;

/**
 * Does every admission webhook lead to pods that the API servers reach? One that does not holds up whatever its rules
 * select (failurePolicy Fail), or is passed over in silence (Ignore).
 */
export function checkWebhooks(paths: Paths): readonly Finding[] {
  return paths.world.cluster.webhooks.flatMap((configuration) =>
    list(configuration.inputs["webhooks"]).flatMap((webhook) => {
      const problem = webhookProblem(paths, webhook);
      if (problem === undefined) return [];
      const policy = text(at(webhook, "failurePolicy")) ?? "Fail";
      return [
        {
          question: "open" as const,
          subject: `API server -> webhook ${text(at(webhook, "name")) ?? configuration.name} (failurePolicy ${policy})`,
          ...problem,
        },
      ];
    }),
  );
}

function webhookProblem(paths: Paths, webhook: unknown): Pick<Finding, "at" | "rule" | "value" | "remedy"> | undefined {
  const { cluster, hosts, nodes } = paths.world;
  const service = at(webhook, "clientConfig", "service");
  const namespace = text(at(service, "namespace")) ?? "";
  const name = text(at(service, "name")) ?? "";
  const port = integer(at(service, "port")) ?? DEFAULT_PORT;
  if (service === undefined)
    return {
      at: "clientConfig",
      rule: "not understood: no service",
      value: text(at(webhook, "clientConfig", "url")) ?? "nothing",
      remedy: "let the webhook name a Service of the cluster",
    };
  const known = cluster.services.find((one) => one.namespace === namespace && one.name === name);
  const entry = known?.ports.find((one) => one.port === port);
  const workloads = known === undefined ? [] : selected(cluster, namespace, known.selector);
  if (known === undefined || entry === undefined || workloads.length === 0)
    return {
      at: `Service ${namespace}/${name}`,
      rule: `missing: port ${port} that leads to pods`,
      value: known === undefined ? "there is no such Service" : "no such port, or its selector selects no pods",
      remedy: "let the webhook and the Service agree on name, namespace and port",
    };
  const servers = [...hosts.values()].filter(({ listeners }) => listeners.some(({ daemon }) => daemon === "k3sApi"));
  for (const workload of workloads) {
    const inner = containerPort(workload, entry.targetPort) ?? port;
    for (const server of servers) {
      for (const node of nodes) {
        const trail = paths.nodeToPod(server, workload, node, inner, "tcp");
        const step = blockedAt(trail);
        if (step !== undefined)
          return {
            at: step.at,
            rule: `missing: ${step.rule}`,
            value: `${step.value} (${trail.label})`,
            remedy: step.remedy,
          };
      }
    }
  }
  return undefined;
}

import { selected } from "../read/cluster";
import { containerPort, type Workload } from "../read/workload";
import type { Finding } from "../finding";
import { at, text, type EmittedResource } from "../read/graph";
import type { Paths } from "../walk/paths";

/** A name of the cluster's DNS that something emitted uses. */
export interface ServiceName {
  readonly namespace: string;
  readonly service: string;
  readonly port: number | undefined;
  /** It names one pod, as only a headless Service can. */
  readonly member: boolean;
}

const NAME = /((?:[a-z0-9-]+\.)*?)([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?(?![a-z0-9.-])(?::(\d+))?/g;
/** Services that Kubernetes and K3s bring along. */
const SHIPPED: ReadonlySet<string> = new Set([
  "default/kubernetes",
  "kube-system/kube-dns",
  "kube-system/metrics-server",
]);

// Judging many variants of one graph, most objects are the same each time.
const known = new WeakMap<object, readonly ServiceName[]>();

/** Every name of a Service in an object's texts, such as "http://vault.vault.svc.cluster.local:8200". */
export function namesIn({ inputs }: EmittedResource): readonly ServiceName[] {
  const before = known.get(inputs);
  if (before !== undefined) return before;
  const found = new Map<string, ServiceName>();
  for (const [name, member = "", service = "", namespace = "", port] of JSON.stringify(inputs).matchAll(NAME)) {
    found.set(name, { namespace, service, port: port === undefined ? undefined : Number(port), member: member !== "" });
  }
  const names = [...found.values()];
  known.set(inputs, names);
  return names;
}

/** Does every name that is used lead to pods, and every StatefulSet have the Service that names its pods? */
export function checkServiceNames(paths: Paths): readonly Finding[] {
  const { cluster } = paths.world;
  const findings: Finding[] = [];
  const find = (subject: string, at_: string, rule: string, value: string): void => {
    const remedy = "register that Service, or let who uses the name ask for the endpoint that there is";
    findings.push({ question: "open", subject, at: at_, rule, value, remedy });
  };
  for (const object of cluster.objects) {
    for (const used of namesIn(object)) {
      const { namespace, service } = used;
      const name = `${namespace}/${service}`;
      if (SHIPPED.has(name)) continue;
      const problem = leadsNowhere(paths, used);
      if (problem !== undefined)
        find(
          `${object.name} uses ${service}.${namespace}.svc`,
          `Service ${name}`,
          `missing: ${problem.rule}`,
          problem.value,
        );
    }
  }
  for (const { resource, kind, namespace, label } of cluster.workloads) {
    const service = kind === "StatefulSet" ? text(at(resource?.inputs, "spec", "serviceName")) : undefined;
    if (service === undefined) continue;
    const one = cluster.services.find((entry) => entry.namespace === namespace && entry.name === service);
    if (one !== undefined && selected(cluster, namespace, one.selector).some((entry) => entry.label === label))
      continue;
    find(
      `names of the pods of ${label}`,
      `Service ${namespace}/${service}`,
      "missing: the Service that spec.serviceName names",
      one === undefined ? "there is none" : "it selects others",
    );
  }
  return findings;
}

function leadsNowhere(
  { world: { cluster } }: Paths,
  { namespace, service, port, member }: ServiceName,
): { readonly rule: string; readonly value: string } | undefined {
  const one = cluster.services.find((entry) => entry.namespace === namespace && entry.name === service);
  if (one === undefined) return { rule: "the Service", value: "there is none: the name does not resolve" };
  if (member && !one.headless) return { rule: "clusterIP: None", value: "it is not headless: it names no single pod" };
  const pods = selected(cluster, namespace, one.selector);
  if (pods.length === 0) return { rule: "pods behind it", value: "its selector selects none" };
  if (port === undefined) return undefined;
  const listens = (workload: Workload, wanted: number | undefined): boolean =>
    workload.ports.some((entry) => entry.port === wanted);
  // A headless Service only gives names: whoever uses them reaches the pod's own port.
  if (one.headless)
    return pods.some((workload) => listens(workload, port))
      ? undefined
      : { rule: `a container port ${port}`, value: `${pods.map(({ label }) => label).join(", ")} do not listen there` };
  const entry = one.ports.find((candidate) => candidate.port === port);
  if (entry === undefined)
    return { rule: `port ${port}`, value: `it has ${one.ports.map((candidate) => candidate.port).join(", ")}` };
  return pods.some((workload) => listens(workload, containerPort(workload, entry.targetPort)))
    ? undefined
    : { rule: `pods that listen behind port ${port}`, value: `its target port is ${JSON.stringify(entry.targetPort)}` };
}

import { asText, at, equal, listAt, numberAt, objectAt, textAt, type Json, type JsonObject } from "./wire/json";

/** What is asked of a cluster, in-process or real, to work out what ingress controllers would publish. */
export interface IngressView {
  readonly ingresses: readonly JsonObject[];
  readonly ingressClasses: readonly JsonObject[];
  /** Deployments and DaemonSets. */
  readonly workloads: readonly JsonObject[];
  readonly nodes: readonly JsonObject[];
  readonly services: readonly JsonObject[];
  readonly clusterRoles: readonly JsonObject[];
  readonly clusterRoleBindings: readonly JsonObject[];
}

export interface IngressStatus {
  readonly ingress: JsonObject;
  readonly status: JsonObject;
}

const defaultController = "k8s.io/ingress-nginx";
const text = (object: JsonObject, field: string): string => textAt(object, "metadata", field) ?? "";

function argument(args: readonly string[], name: string): string | undefined {
  const prefix = `--${name}=`;
  return args.find((arg) => arg.startsWith(prefix))?.slice(prefix.length);
}

/** May the workload's service account write ingresses/status? Without it a controller publishes nothing. */
function mayPublish(view: IngressView, workload: JsonObject): boolean {
  const account = textAt(workload, "spec", "template", "spec", "serviceAccountName") ?? "default";
  const roles = view.clusterRoleBindings
    .filter((binding) =>
      listAt(binding, "subjects").some(
        (subject) =>
          textAt(subject, "name") === account && textAt(subject, "namespace") === text(workload, "namespace"),
      ),
    )
    .map((binding) => textAt(binding, "roleRef", "name"));
  return view.clusterRoles
    .filter((role) => roles.includes(text(role, "name")))
    .flatMap((role) => listAt(role, "rules"))
    .some((rule) => {
      const has = (field: string, ...wanted: string[]): boolean =>
        listAt(rule, field).some((value) => wanted.includes(asText(value)));
      return (
        has("apiGroups", "networking.k8s.io", "*") &&
        has("resources", "ingresses/status", "*") &&
        has("verbs", "update", "*")
      );
    });
}

interface Controller {
  readonly controllerClass: string;
  readonly addresses: readonly Json[];
}

/** A running ingress-nginx: told by its binary or its --controller-class. */
function controllerOf(view: IngressView, workload: JsonObject): Controller | undefined {
  const ready = numberAt(workload, "status", "numberReady") ?? numberAt(workload, "status", "readyReplicas") ?? 0;
  const podSpec = objectAt(workload, "spec", "template", "spec");
  const args = listAt(podSpec, "containers").flatMap((container) =>
    [...listAt(container, "command"), ...listAt(container, "args")].map(String),
  );
  const isController = args.some((arg) => arg === "/nginx-ingress-controller" || arg.startsWith("--controller-class="));
  if (!isController || ready === 0 || argument(args, "update-status") === "false" || !mayPublish(view, workload))
    return undefined;
  return {
    controllerClass: argument(args, "controller-class") ?? defaultController,
    addresses: published(view, workload, args),
  };
}

function published(view: IngressView, workload: JsonObject, args: readonly string[]): Json[] {
  const fixed = argument(args, "publish-status-address");
  if (fixed !== undefined) return fixed.split(",").map((ip) => ({ ip: ip.trim() }));
  const [namespace = "", name = ""] = (argument(args, "publish-service") ?? "").split("/");
  if (name !== "") {
    const service = view.services.find(
      (candidate) => text(candidate, "namespace") === namespace && text(candidate, "name") === name,
    );
    const balancer = listAt(service, "status", "loadBalancer", "ingress");
    const address = textAt(service, "spec", "clusterIP");
    return balancer.length > 0 ? balancer : address === undefined || address === "None" ? [] : [{ ip: address }];
  }
  const selector = objectAt(workload, "spec", "template", "spec", "nodeSelector");
  const internal = args.some(
    (arg) => arg === "--report-node-internal-ip-address" || arg === "--report-node-internal-ip-address=true",
  );
  return view.nodes
    .filter((node) => Object.entries(selector).every(([key, value]) => at(node, "metadata", "labels", key) === value))
    .flatMap((node): Json[] => {
      const addresses = listAt(node, "status", "addresses");
      const of = (type: string): string | undefined =>
        textAt(
          addresses.find((entry) => textAt(entry, "type") === type),
          "address",
        );
      const ip = (internal ? undefined : of("ExternalIP")) ?? of("InternalIP");
      return ip === undefined ? [] : [{ ip }];
    });
}

/** The Ingresses whose status a running controller would change, with the new status. */
export function ingressStatuses(view: IngressView): IngressStatus[] {
  const controllers = view.workloads.flatMap((workload) => controllerOf(view, workload) ?? []);
  const isDefault = (item: JsonObject): boolean =>
    textAt(item, "metadata", "annotations", "ingressclass.kubernetes.io/is-default-class") === "true";
  return view.ingresses.flatMap((ingress): IngressStatus[] => {
    const name =
      textAt(ingress, "spec", "ingressClassName") ??
      textAt(ingress, "metadata", "annotations", "kubernetes.io/ingress.class");
    const ingressClass = view.ingressClasses.find((item) =>
      name === undefined ? isDefault(item) : text(item, "name") === name,
    );
    const wanted = textAt(ingressClass, "spec", "controller");
    const addresses = controllers.find(({ controllerClass }) => controllerClass === wanted)?.addresses ?? [];
    const status: JsonObject = { loadBalancer: addresses.length === 0 ? {} : { ingress: [...addresses] } };
    return equal(ingress.status ?? { loadBalancer: {} }, status) ? [] : [{ ingress, status }];
  });
}

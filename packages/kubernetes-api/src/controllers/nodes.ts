import { listAt, numberAt, objectAt, textAt, type Json, type JsonObject } from "../wire/json";
import { labelsMatch, nodeTermMatches } from "../selectors";

/** Would the pod be let onto the node: selector, required affinity, taints (NoSchedule and NoExecute)? */
export function nodeAccepts(node: JsonObject, podSpec: JsonObject, isDaemon: boolean): boolean {
  const labels = objectAt(node, "metadata", "labels");
  if (!labelsMatch(objectAt(podSpec, "nodeSelector"), labels)) return false;
  const required = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"];
  const terms = listAt(podSpec, ...required);
  if (terms.length > 0 && !terms.some((term) => nodeTermMatches(term, labels))) return false;
  const tolerations = [...listAt(podSpec, "tolerations"), ...(isDaemon ? daemonTolerations : [])];
  return listAt(node, "spec", "taints")
    .filter((taint) => textAt(taint, "effect") !== "PreferNoSchedule")
    .every((taint) => tolerations.some((toleration) => tolerates(toleration, taint)));
}

// What the DaemonSet controller adds to every pod of its own.
const daemonTolerations: readonly Json[] = [
  { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/disk-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/pid-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" },
];

function tolerates(toleration: Json, taint: Json): boolean {
  const effect = textAt(toleration, "effect") ?? "";
  if (effect !== "" && effect !== textAt(taint, "effect")) return false;
  const key = textAt(toleration, "key") ?? "";
  if (textAt(toleration, "operator") === "Exists") return key === "" || key === textAt(taint, "key");
  return key === textAt(taint, "key") && (textAt(toleration, "value") ?? "") === (textAt(taint, "value") ?? "");
}

/** How many pods of a workload fit onto one node: 1 with a required anti-affinity to itself per host or with host ports. */
export function podsPerNode(template: JsonObject): number {
  const podSpec = objectAt(template, "spec");
  const hostPorts = listAt(podSpec, "containers").some((container) =>
    listAt(container, "ports").some(
      (port) =>
        (numberAt(port, "hostPort") ?? (podSpec.hostNetwork === true ? numberAt(port, "containerPort") : 0) ?? 0) > 0,
    ),
  );
  const path = ["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
  const spread = listAt(podSpec, ...path).some(
    (term) =>
      textAt(term, "topologyKey") === "kubernetes.io/hostname" &&
      labelsMatch(objectAt(term, "labelSelector", "matchLabels"), objectAt(template, "metadata", "labels")),
  );
  return hostPorts || spread ? 1 : Number.POSITIVE_INFINITY;
}

export function nodeAddress(node: JsonObject | undefined): string | undefined {
  const address = listAt(node, "status", "addresses").find((entry) => textAt(entry, "type") === "InternalIP");
  return textAt(address, "address");
}

import { createHash } from "node:crypto";
import { at, listAt, numberAt, objectAt, textAt, type Json, type JsonObject } from "../wire/json";
import { addressIn } from "../serviceAddresses";
import { faultOf, nameOf, namespaceOf, uidOf, type ControllerContext } from "./context";
import { missingReferences } from "./missingReferences";
import { nodeAccepts, nodeAddress, podsPerNode } from "./nodes";

/** A pod as the controllers see it. Pods of workloads are not stored: they follow from workload and nodes. */
export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: JsonObject;
  readonly node: string | undefined;
  readonly address: string | undefined;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly problem: { readonly reason: string; readonly message: string } | undefined;
  readonly owner: JsonObject;
  readonly template: JsonObject;
  readonly completed: boolean;
}

const workloads: readonly (readonly [string, string])[] = [
  ["apps", "deployments"],
  ["apps", "statefulsets"],
  ["apps", "daemonsets"],
  ["batch", "jobs"],
];

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Pods of all workloads, in a stable order, with stable names and addresses. */
export function allPods(context: ControllerContext): Pod[] {
  const { store } = context.cluster;
  const nodes = store.list("", "nodes");
  const used = new Set<string>();
  return workloads.flatMap(([group, plural]) =>
    store.list(group, plural).flatMap((owner) => podsOf(context, owner, nodes, used)),
  );
}

/** The address follows from the pod alone, so that it stays while other workloads come and go. */
function podAddress(podCidr: string, owner: JsonObject, index: number, used: Set<string>): string {
  const room = 2 ** (32 - Number(podCidr.split("/")[1])) - 2;
  const first = Number.parseInt(hash(`${uidOf(owner)}#${index}`).slice(0, 8), 16);
  for (let probe = 0; probe < room; probe++) {
    const address = addressIn(podCidr, 1 + ((first + probe) % room));
    if (used.has(address)) continue;
    used.add(address);
    return address;
  }
  throw new Error(`${podCidr} has no free pod address`);
}

function podsOf(context: ControllerContext, owner: JsonObject, nodes: readonly JsonObject[], used: Set<string>): Pod[] {
  const template = objectAt(owner, "spec", "template");
  const podSpec = objectAt(template, "spec");
  const isDaemon = owner.kind === "DaemonSet";
  const fitting = nodes.filter((node) => nodeAccepts(node, podSpec, isDaemon));
  const count = isDaemon ? fitting.length : wantedPods(owner);
  const places = isDaemon ? fitting : placed(fitting, count, podsPerNode(template));
  const missing = missingReferences(context.cluster.store, namespaceOf(owner), podSpec);
  const fault = faultOf(context, owner);
  return Array.from({ length: count }, (_, index): Pod => {
    const node = places[index];
    const problem =
      node === undefined
        ? { reason: "Unschedulable", message: `0/${nodes.length} nodes are available for the pod` }
        : missing.length > 0
          ? { reason: "CreateContainerConfigError", message: missing.join("; ") }
          : fault !== undefined
            ? { reason: fault.reason, message: fault.message ?? fault.reason }
            : undefined;
    const address =
      node === undefined
        ? undefined
        : podSpec.hostNetwork === true
          ? nodeAddress(node)
          : podAddress(context.podCidr, owner, index, used);
    const ready = problem === undefined;
    const completed = owner.kind === "Job" && ready;
    const labels = objectAt(template, "metadata", "labels");
    const name = podName(owner, template, index);
    return {
      name,
      namespace: namespaceOf(owner),
      labels,
      node: node && nameOf(node),
      address,
      ready,
      problem,
      owner,
      template,
      completed,
    };
  });
}

function wantedPods(owner: JsonObject): number {
  if (owner.kind === "Job")
    return at(owner, "spec", "suspend") === true ? 0 : (numberAt(owner, "spec", "parallelism") ?? 1);
  return numberAt(owner, "spec", "replicas") ?? 1;
}

/** Round robin over the nodes, as many per node as fit. */
function placed(nodes: readonly JsonObject[], count: number, perNode: number): (JsonObject | undefined)[] {
  const room = Math.min(count, nodes.length * perNode);
  return Array.from({ length: count }, (_, index) => (index < room ? nodes[index % nodes.length] : undefined));
}

function podName(owner: JsonObject, template: JsonObject, index: number): string {
  if (owner.kind === "StatefulSet") return `${nameOf(owner)}-${index}`;
  const revision = owner.kind === "Deployment" ? `-${hash(JSON.stringify(template)).slice(0, 10)}` : "";
  return `${nameOf(owner)}${revision}-${hash(`${uidOf(owner)}/${index}`).slice(0, 5)}`;
}

/** The pod as the API shows it. */
export function podObject(pod: Pod): JsonObject {
  const containers = listAt(pod.template, "spec", "containers");
  const apiVersion = textAt(pod.owner, "apiVersion") ?? "";
  const owner = {
    apiVersion,
    kind: textAt(pod.owner, "kind") ?? "",
    name: nameOf(pod.owner),
    uid: uidOf(pod.owner),
    controller: true,
  };
  const waiting = pod.problem ?? { reason: "Completed", message: "" };
  const state: Json = pod.completed
    ? { terminated: { reason: "Completed", exitCode: 0 } }
    : pod.ready
      ? { running: {} }
      : { waiting: { ...waiting } };
  const ready = pod.ready && !pod.completed;
  const scheduled = pod.node !== undefined;
  const conditions: Json[] = [
    { type: "PodScheduled", status: scheduled ? "True" : "False", ...(scheduled ? {} : { ...waiting }) },
    {
      type: "Ready",
      status: ready ? "True" : "False",
      ...(ready ? {} : { reason: waiting.reason, message: waiting.message }),
    },
  ];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      labels: pod.labels,
      annotations: objectAt(pod.template, "metadata", "annotations"),
      uid: hash(`${uidOf(pod.owner)}/${pod.name}`).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5"),
      creationTimestamp: at(pod.owner, "metadata", "creationTimestamp") ?? null,
      ownerReferences: [owner],
    },
    spec: { ...objectAt(pod.template, "spec"), ...(pod.node === undefined ? {} : { nodeName: pod.node }) },
    status: {
      phase: pod.completed ? "Succeeded" : pod.ready ? "Running" : "Pending",
      conditions,
      ...(pod.address === undefined ? {} : { podIP: pod.address, podIPs: [{ ip: pod.address }] }),
      containerStatuses: scheduled
        ? containers.map((container) => ({
            name: textAt(container, "name") ?? "",
            image: textAt(container, "image") ?? "",
            imageID: "",
            ready,
            restartCount: 0,
            state,
          }))
        : [],
    },
  };
}

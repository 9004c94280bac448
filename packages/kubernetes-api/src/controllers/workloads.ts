import { createHash } from "node:crypto";
import { timestamp } from "../objectIdentity";
import { at, listAt, numberAt, textAt, type Json, type JsonObject } from "../wire/json";
import { nameOf, namespaceOf, faultOf, type ControllerContext } from "./context";
import type { Pod } from "./pods";

/** Sets the time of a condition only when its status changes. */
function conditions(object: JsonObject, wanted: readonly JsonObject[]): Json[] {
  return wanted.map((condition) => {
    const before = listAt(object, "status", "conditions").find((old) => textAt(old, "type") === condition.type);
    const isSame = textAt(before, "status") === condition.status;
    const since = (isSame ? textAt(before, "lastTransitionTime") : undefined) ?? timestamp();
    return { ...condition, lastTransitionTime: since };
  });
}

function deploymentStatus(context: ControllerContext, object: JsonObject, pods: readonly Pod[]): JsonObject {
  const ready = pods.filter((pod) => pod.ready).length;
  const wanted = pods.length;
  const complete = ready === wanted;
  const overdue = !complete && faultOf(context, object)?.final === true;
  const progressing = complete
    ? {
        status: "True",
        reason: "NewReplicaSetAvailable",
        message: `Deployment "${nameOf(object)}" has successfully progressed.`,
      }
    : overdue
      ? {
          status: "False",
          reason: "ProgressDeadlineExceeded",
          message: `Deployment "${nameOf(object)}" has timed out progressing.`,
        }
      : { status: "True", reason: "ReplicaSetUpdated", message: `Deployment "${nameOf(object)}" is progressing.` };
  const available = complete
    ? { status: "True", reason: "MinimumReplicasAvailable", message: "Deployment has minimum availability." }
    : {
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
  return {
    observedGeneration: numberAt(object, "metadata", "generation") ?? 1,
    replicas: wanted,
    updatedReplicas: wanted,
    readyReplicas: ready,
    availableReplicas: ready,
    ...(complete ? {} : { unavailableReplicas: wanted - ready }),
    conditions: conditions(object, [
      { type: "Available", ...available },
      { type: "Progressing", ...progressing },
    ]),
  };
}

function statefulSetStatus(object: JsonObject, pods: readonly Pod[]): JsonObject {
  const ready = pods.filter((pod) => pod.ready).length;
  const template = JSON.stringify(at(object, "spec", "template") ?? null);
  const revision = `${nameOf(object)}-${createHash("sha256").update(template).digest("hex").slice(0, 10)}`;
  return {
    observedGeneration: numberAt(object, "metadata", "generation") ?? 1,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: pods.length,
    updatedReplicas: pods.length,
    currentRevision: revision,
    updateRevision: revision,
    collisionCount: 0,
  };
}

function daemonSetStatus(object: JsonObject, pods: readonly Pod[]): JsonObject {
  const ready = pods.filter((pod) => pod.ready).length;
  return {
    observedGeneration: numberAt(object, "metadata", "generation") ?? 1,
    desiredNumberScheduled: pods.length,
    currentNumberScheduled: pods.length,
    updatedNumberScheduled: pods.length,
    numberMisscheduled: 0,
    numberReady: ready,
    numberAvailable: ready,
    ...(ready < pods.length ? { numberUnavailable: pods.length - ready } : {}),
  };
}

function jobStatus(context: ControllerContext, object: JsonObject, pods: readonly Pod[]): JsonObject {
  const startTime = at(object, "status", "startTime") ?? timestamp();
  const done = listAt(object, "status", "conditions").find(
    (condition) =>
      ["Complete", "Failed"].includes(textAt(condition, "type") ?? "") && textAt(condition, "status") === "True",
  );
  // A Job that ended has ended, whatever happens to what it needed.
  if (done !== undefined) return object.status as JsonObject;
  if (at(object, "spec", "suspend") === true)
    return {
      conditions: conditions(object, [
        { type: "Suspended", status: "True", reason: "JobSuspended", message: "Job suspended" },
      ]),
    };
  const fault = faultOf(context, object);
  if (fault !== undefined && fault.final !== false) {
    const reason = { reason: fault.reason, message: fault.message ?? "Job has reached the specified backoff limit" };
    return {
      startTime,
      failed: (numberAt(object, "spec", "backoffLimit") ?? 6) + 1,
      conditions: conditions(object, [
        { type: "FailureTarget", status: "True", ...reason },
        { type: "Failed", status: "True", ...reason },
      ]),
    };
  }
  if (pods.some((pod) => !pod.ready)) return { startTime, active: pods.length, ready: 0 };
  const completions = numberAt(object, "spec", "completions") ?? pods.length;
  const reason = { reason: "CompletionsReached", message: "Reached expected number of succeeded pods" };
  return {
    startTime,
    completionTime: timestamp(),
    succeeded: completions,
    ready: 0,
    conditions: conditions(object, [
      { type: "SuccessCriteriaMet", status: "True", ...reason },
      { type: "Complete", status: "True", ...reason },
    ]),
  };
}

/** Deployments, StatefulSets, DaemonSets and Jobs: their status follows from their pods. */
export function reconcileWorkloads(context: ControllerContext, pods: readonly Pod[]): void {
  const { store } = context.cluster;
  const statusOf = (
    group: string,
    plural: string,
    make: (object: JsonObject, mine: readonly Pod[]) => JsonObject,
  ): void => {
    for (const object of store.list(group, plural)) {
      const mine = pods.filter((pod) => pod.owner === object);
      const ref = { group, plural, namespace: namespaceOf(object), name: nameOf(object) };
      context.cluster.setStatus(ref, make(object, mine));
    }
  };
  statusOf("apps", "deployments", (object, mine) => deploymentStatus(context, object, mine));
  statusOf("apps", "statefulsets", statefulSetStatus);
  statusOf("apps", "daemonsets", daemonSetStatus);
  statusOf("batch", "jobs", (object, mine) => jobStatus(context, object, mine));
}

import { numberAt, textAt, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { condition, failed, isTrue, ready, waiting, type Judge } from "./judgement";

const observed = (live: JsonObject): boolean =>
  (numberAt(live, "status", "observedGeneration") ?? 0) >= (numberAt(live, "metadata", "generation") ?? 1);
const count = (live: JsonObject, field: string): number => numberAt(live, "status", field) ?? 0;
const notSeen = waiting("the controller has not looked at it yet");

/** The newest pods are all there and available, and no old ones are left. */
export const judgeDeployment: Judge = (live) => {
  if (!observed(live)) return notSeen;
  const progressing = condition(live, "Progressing");
  if (textAt(progressing, "reason") === "ProgressDeadlineExceeded")
    return failed(textAt(progressing, "message") ?? "its progress deadline is over");
  const wanted = numberAt(live, "spec", "replicas") ?? 1;
  if (count(live, "updatedReplicas") < wanted)
    return waiting(`${count(live, "updatedReplicas")} of ${wanted} pods are of the new version`);
  if (count(live, "replicas") > count(live, "updatedReplicas")) return waiting("old pods are still ending");
  if (count(live, "availableReplicas") < wanted)
    return waiting(`${count(live, "availableReplicas")} of ${wanted} pods are available`);
  return isTrue(condition(live, "Available")) ? ready : waiting("not available yet");
};

export const judgeStatefulSet: Judge = (live) => {
  if (!observed(live)) return notSeen;
  const wanted = numberAt(live, "spec", "replicas") ?? 1;
  const isRolling = textAt(live, "spec", "updateStrategy", "type") !== "OnDelete";
  const partition = numberAt(live, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
  if (isRolling && wanted > 0 && count(live, "updatedReplicas") < wanted - partition)
    return waiting(`${count(live, "updatedReplicas")} of ${wanted - partition} pods are of the new version`);
  return count(live, "readyReplicas") >= wanted
    ? ready
    : waiting(`${count(live, "readyReplicas")} of ${wanted} pods are ready`);
};

export const judgeDaemonSet: Judge = (live) => {
  if (!observed(live)) return notSeen;
  const wanted = count(live, "desiredNumberScheduled");
  const isRolling = textAt(live, "spec", "updateStrategy", "type") !== "OnDelete";
  if (isRolling && count(live, "updatedNumberScheduled") < wanted)
    return waiting(`${count(live, "updatedNumberScheduled")} of ${wanted} pods are of the new version`);
  return count(live, "numberAvailable") >= wanted
    ? ready
    : waiting(`${count(live, "numberAvailable")} of ${wanted} pods are available`);
};

export const judgeReplicaSet: Judge = (live) => {
  if (!observed(live)) return notSeen;
  const wanted = numberAt(live, "spec", "replicas") ?? 1;
  return count(live, "availableReplicas") >= wanted
    ? ready
    : waiting(`${count(live, "availableReplicas")} of ${wanted} pods are available`);
};

export const judgeJob: Judge = (live) => {
  const broken = condition(live, "Failed");
  if (isTrue(broken))
    return failed(`the Job failed: ${textAt(broken, "reason") ?? "unknown"}: ${textAt(broken, "message") ?? ""}`);
  if (isTrue(condition(live, "Complete")) || isTrue(condition(live, "Suspended"))) return ready;
  return waiting(`the Job has not completed (${count(live, "active")} pods active, ${count(live, "failed")} failed)`);
};

export const judgePod: Judge = (live) => {
  const phase = textAt(live, "status", "phase");
  if (phase === "Failed") return failed(textAt(live, "status", "message") ?? "the pod failed");
  if (phase === "Succeeded" || isTrue(condition(live, "Ready"))) return ready;
  return waiting(`the pod is ${phase ?? "not seen yet"}`);
};

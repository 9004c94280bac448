import { timestamp } from "../objectIdentity";
import { at, listAt, numberAt, objectAt, textAt, type Json, type JsonObject } from "../wire/json";
import { recordUpdate } from "../managedFields";
import { selectorMatches } from "../selectors";
import { nameOf, namespaceOf, type ControllerContext } from "./context";
import type { Pod } from "./pods";

const scalable: Readonly<Record<string, string>> = { Deployment: "deployments", StatefulSet: "statefulsets" };

/** HorizontalPodAutoscalers: there is no load, so the replicas only move into [min, max]. */
export function reconcileAutoscalers({ cluster }: ControllerContext): void {
  for (const scaler of cluster.store.list("autoscaling", "horizontalpodautoscalers")) {
    const plural = scalable[textAt(scaler, "spec", "scaleTargetRef", "kind") ?? ""];
    const ref = {
      group: "apps",
      plural: plural ?? "",
      namespace: namespaceOf(scaler),
      name: textAt(scaler, "spec", "scaleTargetRef", "name") ?? "",
    };
    const target = plural === undefined ? undefined : cluster.store.get(ref);
    const self = {
      group: "autoscaling",
      plural: "horizontalpodautoscalers",
      namespace: namespaceOf(scaler),
      name: nameOf(scaler),
    };
    if (target === undefined) {
      cluster.setStatus(
        self,
        statusOf(scaler, 0, 0, {
          status: "False",
          reason: "FailedGetScale",
          message: "the scale target was not found",
        }),
      );
      continue;
    }
    const current = numberAt(target, "spec", "replicas") ?? 1;
    const wanted = Math.min(
      Math.max(current, numberAt(scaler, "spec", "minReplicas") ?? 1),
      numberAt(scaler, "spec", "maxReplicas") ?? current,
    );
    if (wanted !== current && current !== 0) scale(cluster, ref, target, wanted);
    cluster.setStatus(
      self,
      statusOf(scaler, current, wanted, {
        status: "True",
        reason: "SucceededGetScale",
        message: "the HPA controller was able to get the target's current scale",
      }),
    );
  }
}

function scale(
  cluster: ControllerContext["cluster"],
  ref: { group: string; plural: string; namespace: string; name: string },
  target: JsonObject,
  replicas: number,
): void {
  const type = cluster.registry.byPlural(ref.group, "v1", ref.plural);
  if (type === undefined) return;
  const generation = (numberAt(target, "metadata", "generation") ?? 1) + 1;
  const next: JsonObject = {
    ...target,
    metadata: { ...objectAt(target, "metadata"), generation },
    spec: { ...objectAt(target, "spec"), replicas },
  };
  cluster.stored(ref, recordUpdate(type, target, next, "kube-controller-manager"));
}

function statusOf(scaler: JsonObject, currentReplicas: number, desiredReplicas: number, able: JsonObject): JsonObject {
  const before = listAt(scaler, "status", "conditions")[0];
  const same = textAt(before, "status") === able.status;
  const lastTransitionTime = (same ? textAt(before, "lastTransitionTime") : undefined) ?? timestamp();
  return { currentReplicas, desiredReplicas, conditions: [{ type: "AbleToScale", ...able, lastTransitionTime }] };
}

function amount(value: Json | undefined, expected: number): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" ? Math.ceil((expected * Number(value.replace("%", ""))) / 100) : undefined;
}

/** PodDisruptionBudgets: how many pods may go right now. */
export function reconcileBudgets({ cluster }: ControllerContext, pods: readonly Pod[]): void {
  for (const budget of cluster.store.list("policy", "poddisruptionbudgets")) {
    const mine = pods.filter(
      (pod) => pod.namespace === namespaceOf(budget) && selectorMatches(at(budget, "spec", "selector"), pod.labels),
    );
    const healthy = mine.filter((pod) => pod.ready && !pod.completed).length;
    const unavailable = amount(at(budget, "spec", "maxUnavailable"), mine.length);
    const desired = amount(at(budget, "spec", "minAvailable"), mine.length) ?? mine.length - (unavailable ?? 1);
    const ref = {
      group: "policy",
      plural: "poddisruptionbudgets",
      namespace: namespaceOf(budget),
      name: nameOf(budget),
    };
    cluster.setStatus(ref, {
      observedGeneration: numberAt(budget, "metadata", "generation") ?? 1,
      currentHealthy: healthy,
      desiredHealthy: Math.max(0, desired),
      expectedPods: mine.length,
      disruptionsAllowed: Math.max(0, healthy - desired),
    });
  }
}

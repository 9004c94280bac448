import { listAt, textAt, type Json, type JsonObject } from "@standin/kubernetes-api/wire/json";
import type { KubeClient } from "@standin/kubernetes-api/wire/kubeClient";

/** Is the object what was asked for? "failed" is final: waiting longer would not help. */
export type Judgement =
  | { readonly state: "ready" }
  | { readonly state: "waiting"; readonly why: string }
  | { readonly state: "failed"; readonly why: string };

export interface Surroundings {
  readonly client: KubeClient;
  readonly signal?: AbortSignal;
}

/** Judges the live object of one kind; may look at other objects. */
export type Judge = (live: JsonObject, around: Surroundings) => Promise<Judgement> | Judgement;

export const ready: Judgement = { state: "ready" };
export const waiting = (why: string): Judgement => ({ state: "waiting", why });
export const failed = (why: string): Judgement => ({ state: "failed", why });

export function condition(live: JsonObject, type: string): Json | undefined {
  return listAt(live, "status", "conditions").find((entry) => textAt(entry, "type") === type);
}

export const isTrue = (found: Json | undefined): boolean => textAt(found, "status") === "True";

export const placeOf = (live: JsonObject): { readonly namespace: string; readonly name: string } => ({
  namespace: textAt(live, "metadata", "namespace") ?? "",
  name: textAt(live, "metadata", "name") ?? "",
});

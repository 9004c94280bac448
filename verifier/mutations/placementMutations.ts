import { at, list, type EmittedResource } from "../read/graph";
import { set, type Mutation } from "./mutation";

/** Whose pods have a place: a daemon's are everywhere. */
const PLACED: ReadonlySet<string> = new Set(["kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet"]);

/** Pods that ask for nodes which are not there, or no longer bear what theirs are tainted with. */
export function placementMutations(workload: EmittedResource): readonly Mutation[] {
  if (!PLACED.has(workload.type)) return [];
  const pod = ["spec", "template", "spec"];
  const tolerates = list(at(workload.inputs, ...pod, "tolerations")).length > 0;
  return [
    set(workload, [...pod, "nodeSelector"], { "keybuzz.io/duty": "nobody's" }),
    ...(tolerates ? [set(workload, [...pod, "tolerations"], undefined)] : []),
  ];
}

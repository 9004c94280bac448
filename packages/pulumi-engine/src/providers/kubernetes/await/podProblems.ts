import { asText, at, listAt, objectAt, textAt, type Json, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { placeOf, type Surroundings } from "./judgement";

const harmless = new Set(["ContainerCreating", "PodInitializing", "Completed"]);

function problemsOf(pod: Json): string[] {
  const name = textAt(pod, "metadata", "name") ?? "";
  const unscheduled = listAt(pod, "status", "conditions").find(
    (entry) => textAt(entry, "type") === "PodScheduled" && textAt(entry, "status") === "False",
  );
  const scheduling =
    unscheduled === undefined
      ? []
      : [`${name}: ${textAt(unscheduled, "reason") ?? ""}: ${textAt(unscheduled, "message") ?? ""}`];
  const containers = [
    ...listAt(pod, "status", "initContainerStatuses"),
    ...listAt(pod, "status", "containerStatuses"),
  ].flatMap((status) => {
    const state = at(status, "state", "waiting") ?? at(status, "state", "terminated");
    const reason = textAt(state, "reason");
    return reason === undefined || harmless.has(reason)
      ? []
      : [`${name}/${textAt(status, "name") ?? ""}: ${reason}: ${textAt(state, "message") ?? ""}`];
  });
  return [...scheduling, ...containers];
}

/** Why the pods that a workload selects are not ready; at most five lines, for error messages. */
export async function podProblems(workload: JsonObject, { client }: Surroundings): Promise<string[]> {
  const { namespace, name } = placeOf(workload);
  // A Job's selector is the controller's affair: its pods are told by their owner.
  const selector = Object.entries(objectAt(workload, "spec", "selector", "matchLabels"))
    .map(([key, value]) => `${key}=${asText(value)}`)
    .join(",");
  const pods = await client.request({
    method: "GET",
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: selector === "" ? {} : { labelSelector: selector },
  });
  const uid = textAt(workload, "metadata", "uid");
  const mine = listAt(pods, "items").filter(
    (pod) =>
      workload.kind !== "Job" ||
      listAt(pod, "metadata", "ownerReferences").some(
        (owner) => textAt(owner, "uid") === uid || textAt(owner, "name") === name,
      ),
  );
  return [...new Set(mine.flatMap(problemsOf))].slice(0, 5);
}

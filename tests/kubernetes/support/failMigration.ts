import { pause, type KubeClient } from "@standin/kubernetes-api/wire/kubeClient";
import { listAt, textAt, type JsonObject } from "@standin/kubernetes-api/wire/json";

const MERGE = "application/merge-patch+json";
const JOB_NAME = "batch.kubernetes.io/job-name";

/**
 * Leaves no node for new pods: kwok plays only pods on nodes, so whoever finds one without can play it. Returns
 * what undoes it.
 */
export async function withoutRoom(client: KubeClient): Promise<() => Promise<void>> {
  const list = await client.request({ method: "GET", path: "/api/v1/nodes" });
  const nodes = listAt(list, "items").map((node) => textAt(node, "metadata", "name") ?? "");
  const cordon = async (unschedulable: boolean | null): Promise<void> => {
    for (const node of nodes)
      await client.request({
        method: "PATCH",
        path: `/api/v1/nodes/${node}`,
        body: { spec: { unschedulable } },
        contentType: MERGE,
      });
  };
  await cordon(true);
  return () => cordon(null);
}

/** Waits for the pod of a new Job whose name begins so, and lets it end with exit code 1, for good. */
export async function failMigration(
  client: KubeClient,
  namespace: string,
  prefix: string,
  over: Promise<unknown>,
): Promise<void> {
  let isOver = false;
  void over.then(() => (isOver = true));
  const waiting = async (): Promise<JsonObject | undefined> => {
    const pods = await client.request({ method: "GET", path: `/api/v1/namespaces/${namespace}/pods` });
    return (listAt(pods, "items") as JsonObject[]).find(
      (pod) =>
        (textAt(pod, "metadata", "labels", JOB_NAME) ?? "").startsWith(prefix) &&
        textAt(pod, "status", "phase") === "Pending",
    );
  };
  let pod = await waiting();
  for (; pod === undefined && !isOver; pod = await waiting()) await pause(300);
  if (pod === undefined) throw new Error(`the run ended before a Job ${prefix}* had a pod`);
  const job = textAt(pod, "metadata", "labels", JOB_NAME) ?? "";
  // Its further attempts would fail as well, after ten seconds and twenty more.
  await client.request({
    method: "PATCH",
    path: `/apis/batch/v1/namespaces/${namespace}/jobs/${job}`,
    body: { spec: { backoffLimit: 0 } },
    contentType: MERGE,
  });
  const state = { terminated: { exitCode: 1, reason: "Error", startedAt: null, finishedAt: null } };
  const containers = listAt(pod, "spec", "containers") as JsonObject[];
  const containerStatuses = containers.map((container) => ({
    name: textAt(container, "name") ?? "",
    image: textAt(container, "image") ?? "",
    imageID: "",
    ready: false,
    restartCount: 0,
    state,
  }));
  await client.request({
    method: "PATCH",
    path: `/api/v1/namespaces/${namespace}/pods/${textAt(pod, "metadata", "name") ?? ""}/status`,
    body: { status: { phase: "Failed", containerStatuses } },
    contentType: MERGE,
  });
}

import { at, listAt, numberAt, textAt, type JsonObject } from "@standin/kubernetes-api/wire/json";
import {
  conditionOf,
  daemonSet,
  daemonSets,
  deployment,
  deployments,
  TestCluster,
  threeNodes,
  until,
} from "./support/testCluster";

// A machine shared with other work is slow at times.
jest.setTimeout(60_000);

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await TestCluster.start();
});
afterEach(() => cluster.stop());

const jobs = "/apis/batch/v1/namespaces/default/jobs";
const job: JsonObject = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "migrate" },
  spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "a:1" }] } } },
};

describe("workloads", () => {
  test("a Deployment becomes available, with a pod per replica", async () => {
    await cluster.apply(`${deployments}/web`, deployment("web"));
    const ready = await cluster.settled(`${deployments}/web`);
    expect(ready.status).toMatchObject({ observedGeneration: 1, replicas: 2, readyReplicas: 2, updatedReplicas: 2 });
    expect(conditionOf(ready, "Available")).toBe("True");
    const pods = await cluster.client.request({
      method: "GET",
      path: "/api/v1/namespaces/default/pods",
      query: { labelSelector: "app=web" },
    });
    expect(listAt(pods, "items").map((pod) => textAt(pod, "spec", "nodeName"))).toEqual(["master-01", "worker-01"]);
  });

  test("without a fitting node nothing becomes ready, and the pods say so", async () => {
    await cluster.apply(
      `${deployments}/web`,
      deployment("web", (podSpec) => (podSpec.nodeSelector = { disk: "ssd" })),
    );
    const waiting = await cluster.settled(`${deployments}/web`);
    expect(conditionOf(waiting, "Available")).toBe("False");
    const pods = await cluster.get("/api/v1/namespaces/default/pods");
    expect(textAt(pods, "items", 0, "status", "conditions", 0, "message")).toBe("0/3 nodes are available for the pod");
    await cluster.local.setNodes([
      ...threeNodes,
      { name: "n4", address: "10.0.0.114", role: "agent", labels: { disk: "ssd" } },
    ]);
    expect(conditionOf(await cluster.get(`${deployments}/web`), "Available")).toBe("True");
  });

  test("a pod whose Secret is missing waits for it", async () => {
    const needs = deployment("web", (podSpec) => {
      podSpec.containers = [{ name: "web", image: "a:1", envFrom: [{ secretRef: { name: "credentials" } }] }];
    });
    await cluster.apply(`${deployments}/web`, needs);
    expect(conditionOf(await cluster.settled(`${deployments}/web`), "Available")).toBe("False");
    await cluster.apply("/api/v1/namespaces/default/secrets/credentials", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "credentials" },
    });
    expect(conditionOf(await cluster.settled(`${deployments}/web`), "Available")).toBe("True");
  });

  test("pods that keep apart need a node each", async () => {
    const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } };
    const apart = deployment("web", (podSpec, spec) => {
      spec.replicas = 4;
      podSpec.affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    });
    await cluster.apply(`${deployments}/web`, apart);
    expect(numberAt(await cluster.settled(`${deployments}/web`), "status", "readyReplicas")).toBe(3);
  });

  test("a DaemonSet has one pod per matching node, and honours taints", async () => {
    const desired = async (): Promise<number | undefined> =>
      numberAt(await cluster.settled(`${daemonSets}/agent`), "status", "desiredNumberScheduled");
    await cluster.apply(`${daemonSets}/agent`, daemonSet({}));
    expect(await desired()).toBe(3);
    await cluster.apply(`${daemonSets}/agent`, daemonSet({ nodeSelector: { "example.com/pool": "ai" } }));
    expect(await desired()).toBe(1);
    const taint = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" } as const;
    await cluster.local.setNodes(
      threeNodes.map((node) => (node.role === "server" ? { ...node, taints: [taint] } : node)),
    );
    await cluster.apply(`${daemonSets}/agent`, daemonSet({}));
    expect(await desired()).toBe(2);
    await cluster.apply(`${daemonSets}/agent`, daemonSet({ tolerations: [{ operator: "Exists" }] }));
    expect(await desired()).toBe(3);
  });

  test("a Job completes; a faulty one fails with its reason", async () => {
    await cluster.apply(`${jobs}/migrate`, job);
    expect(conditionOf(await cluster.settled(`${jobs}/migrate`), "Complete")).toBe("True");
    cluster.local.setFaults([{ kind: "Job", namespace: "default", name: "broken", reason: "BackoffLimitExceeded" }]);
    await cluster.apply(`${jobs}/broken`, { ...job, metadata: { name: "broken" } });
    const failed = await cluster.settled(`${jobs}/broken`);
    expect(conditionOf(failed, "Failed")).toBe("True");
    expect(conditionOf(failed, "Complete")).toBeUndefined();
  });

  test("a fault keeps a workload from becoming ready until it is lifted", async () => {
    cluster.local.setFaults([{ kind: "Deployment", namespace: "default", name: "web", reason: "CrashLoopBackOff" }]);
    await cluster.apply(`${deployments}/web`, deployment("web"));
    expect(conditionOf(await cluster.settled(`${deployments}/web`), "Available")).toBe("False");
    const pods = await cluster.get("/api/v1/namespaces/default/pods");
    expect(textAt(pods, "items", 0, "status", "containerStatuses", 0, "state", "waiting", "reason")).toBe(
      "CrashLoopBackOff",
    );
    cluster.local.setFaults([]);
    expect(conditionOf(await cluster.settled(`${deployments}/web`), "Available")).toBe("True");
  });

  test("an autoscaler keeps the replicas within its bounds; a budget counts them", async () => {
    await cluster.apply(
      `${deployments}/web`,
      deployment("web", (_pod, spec) => {
        delete spec.replicas;
      }),
    );
    await cluster.apply("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web", {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "web" },
      spec: {
        minReplicas: 3,
        maxReplicas: 30,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      },
    });
    await cluster.apply("/apis/policy/v1/namespaces/default/poddisruptionbudgets/web", {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "web" },
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: "web" } } },
    });
    expect(numberAt(await cluster.settled(`${deployments}/web`), "status", "readyReplicas")).toBe(3);
    const budget = await cluster.get("/apis/policy/v1/namespaces/default/poddisruptionbudgets/web");
    expect(budget.status).toMatchObject({ currentHealthy: 3, desiredHealthy: 2, disruptionsAllowed: 1 });
    // The program does not state replicas: the next apply leaves the autoscaler's number alone.
    const again = await cluster.apply(
      `${deployments}/web`,
      deployment("web", (podSpec, spec) => {
        delete spec.replicas;
        podSpec.terminationGracePeriodSeconds = 60;
      }),
    );
    expect(at(again, "spec", "replicas")).toBe(3);
  });

  test("a StatefulSet gets its claims, and they are bound", async () => {
    const labels = { app: "db" };
    await cluster.apply("/apis/apps/v1/namespaces/default/statefulsets/db", {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "db" },
      spec: {
        serviceName: "db",
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: "db", image: "db:1", volumeMounts: [{ name: "data", mountPath: "/d" }] }] },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
          },
        ],
      },
    });
    expect(
      numberAt(await cluster.settled("/apis/apps/v1/namespaces/default/statefulsets/db"), "status", "readyReplicas"),
    ).toBe(2);
    expect(
      textAt(await cluster.get("/api/v1/namespaces/default/persistentvolumeclaims/data-db-1"), "status", "phase"),
    ).toBe("Bound");
  });
});

describe("namespaces", () => {
  test("are active, have a default service account, and go with all they hold", async () => {
    await cluster.apply("/api/v1/namespaces/apps", { apiVersion: "v1", kind: "Namespace", metadata: { name: "apps" } });
    expect(textAt(await cluster.settled("/api/v1/namespaces/apps"), "status", "phase")).toBe("Active");
    await cluster.get("/api/v1/namespaces/apps/serviceaccounts/default");
    await cluster.apply("/api/v1/namespaces/apps/configmaps/a", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a" },
    });
    await cluster.client.request({ method: "DELETE", path: "/api/v1/namespaces/apps" });
    await until(async () => (await cluster.client.get("/api/v1/namespaces/apps")) === undefined, "the namespace goes");
    expect(await cluster.client.get("/api/v1/namespaces/apps/configmaps/a")).toBeUndefined();
  });
});

import { stringify } from "yaml";
import { podLabels, type Pods } from "../../topology/party";
import { blackboxConfig } from "../blackboxConfig";
import { MONITORING_IMAGES } from "../monitoringImages";
import { EXPORTER_PORTS, MONITORING_PODS, MONITORING_PORTS, NODE_EXPORTER_NAMESPACE } from "../monitoringParts";
import type { MonitoringServiceArgs } from "../monitoringService";
import type { ClusterRule, MonitoringApp } from "./monitoringApp";
import { account, configMap, metadata, NOBODY_UID, podTemplate, service } from "./monitoringPods";
import { withoutVolume } from "./workloads";

/** Kinds that rules and dashboards ask about, by API group; nothing else is read, least of all Secrets. */
const WATCHED: Readonly<Record<string, readonly string[]>> = {
  "": ["namespaces", "nodes", "persistentvolumeclaims", "pods"],
  apps: ["daemonsets", "deployments", "statefulsets"],
  autoscaling: ["horizontalpodautoscalers"],
  batch: ["jobs"],
  policy: ["poddisruptionbudgets"],
};

/** K3s keeps an object for each of its etcd snapshots. */
const ETCD_SNAPSHOTS = {
  kind: "CustomResourceStateMetrics",
  spec: {
    resources: [
      {
        groupVersionKind: { group: "k3s.cattle.io", version: "v1", kind: "ETCDSnapshotFile" },
        metrics: [
          {
            name: "etcd_snapshot_created",
            help: "When K3s made an etcd snapshot, in Unix seconds",
            each: { type: "Gauge", gauge: { path: ["status", "creationTime"] } },
            labelsFromPath: { snapshot: ["metadata", "name"], location: ["spec", "location"] },
          },
        ],
      },
    ],
  },
};

export function kubeStateMetricsApp(): MonitoringApp {
  const pods = MONITORING_PODS.kubeStateMetrics;
  const config = configMap(pods, "kube-state-metrics-config", {
    "custom-resources.yml": stringify(ETCD_SNAPSHOTS),
  });
  const read = (group: string, resources: readonly string[]): ClusterRule => ({
    apiGroups: [group],
    resources: [...resources],
    verbs: ["list", "watch"],
  });
  return {
    name: pods.app,
    account: account(pods, true),
    clusterRules: [
      ...Object.entries(WATCHED).map(([group, resources]) => read(group, resources)),
      read("k3s.cattle.io", ["etcdsnapshotfiles"]),
      read("apiextensions.k8s.io", ["customresourcedefinitions"]),
    ],
    configMaps: [config],
    secrets: [],
    workload: withoutVolume({
      pods,
      image: MONITORING_IMAGES.kubeStateMetrics,
      uid: NOBODY_UID,
      args: [
        `--port=${MONITORING_PORTS.kubeStateMetrics}`,
        `--telemetry-port=${MONITORING_PORTS.kubeStateMetricsHealth}`,
        `--resources=${Object.values(WATCHED).flat().sort().join(",")}`,
        "--custom-resource-state-config-file=/etc/kube-state-metrics/custom-resources.yml",
      ],
      ports: { http: MONITORING_PORTS.kubeStateMetrics, health: MONITORING_PORTS.kubeStateMetricsHealth },
      probes: { ready: "/readyz", readyPort: "health", alive: "/livez" },
      cpu: ["50m", "500m"],
      memory: ["128Mi", "512Mi"],
      configMaps: [{ path: "/etc/kube-state-metrics", map: config }],
      token: true,
    }),
    service: service(pods, "http", MONITORING_PORTS.kubeStateMetrics),
  };
}

export function blackboxExporterApp({ verifyCertificates }: MonitoringServiceArgs): MonitoringApp {
  const pods = MONITORING_PODS.blackboxExporter;
  const config = configMap(pods, "blackbox-exporter-config", {
    "blackbox.yml": blackboxConfig({ verify: verifyCertificates }),
  });
  return {
    name: pods.app,
    account: account(pods, false),
    clusterRules: [],
    configMaps: [config],
    secrets: [],
    workload: withoutVolume({
      pods,
      image: MONITORING_IMAGES.blackboxExporter,
      uid: NOBODY_UID,
      args: ["--config.file=/etc/blackbox_exporter/blackbox.yml"],
      ports: { http: MONITORING_PORTS.blackboxExporter },
      probes: { ready: "/-/healthy", alive: "/-/healthy" },
      cpu: ["20m", "200m"],
      memory: ["32Mi", "128Mi"],
      configMaps: [{ path: "/etc/blackbox_exporter", map: config }],
    }),
    service: service(pods, "http", MONITORING_PORTS.blackboxExporter),
  };
}

/** Name of the second DaemonSet, beside the ingress. */
export const NODE_EXPORTER = "node-exporter";

/** On every node: it sees the node's network and, read-only, its file systems; therefore a namespace of its own. */
export function nodeExporterApp(): MonitoringApp {
  const pods: Pods = { kind: "pods", namespace: NODE_EXPORTER_NAMESPACE, app: NODE_EXPORTER };
  const template = podTemplate(
    {
      pods,
      image: MONITORING_IMAGES.nodeExporter,
      uid: NOBODY_UID,
      args: [
        "--path.rootfs=/host",
        // The node's private address, and no other.
        `--web.listen-address=$(NODE_ADDRESS):${EXPORTER_PORTS.node}`,
        "--collector.filesystem.mount-points-exclude=^/(dev|proc|run|sys|var/lib/kubelet/.+|var/lib/rancher/.+)($|/)",
        "--collector.netdev.device-exclude=^(cali.*|lo)$",
        "--no-collector.wifi",
        "--no-collector.nvme",
      ],
      env: [{ name: "NODE_ADDRESS", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } }],
      ports: { metrics: EXPORTER_PORTS.node },
      probes: { ready: "/", alive: "/" },
      cpu: ["50m", "250m"],
      memory: ["32Mi", "128Mi"],
    },
    {
      hostNetwork: true,
      dnsPolicy: "ClusterFirstWithHostNet",
      tolerations: [{ operator: "Exists", effect: "NoSchedule" }],
      volumes: [{ name: "host", hostPath: { path: "/", type: "Directory" } }],
    },
  );
  for (const container of template.spec.containers) {
    // What Kubernetes makes of a port on the node's own network.
    for (const port of container.ports) port.hostPort = port.containerPort;
    container.volumeMounts.push({
      name: "host",
      mountPath: "/host",
      readOnly: true,
      mountPropagation: "HostToContainer",
    });
  }
  return {
    name: pods.app,
    account: account(pods, false),
    clusterRules: [],
    configMaps: [],
    secrets: [],
    workload: {
      kind: "DaemonSet",
      manifest: {
        metadata: metadata(pods),
        spec: {
          revisionHistoryLimit: 5,
          updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
          selector: { matchLabels: { ...podLabels(pods) } },
          template,
        },
      },
    },
    service: undefined,
  };
}

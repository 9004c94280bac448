import { stringify } from "yaml";
import type { AppPlan } from "../../apps/appPlan";
import type { ClusterRule } from "../../apps/manifests";
import { planApp } from "../../apps/planApp";
import { blackboxConfig } from "../blackboxConfig";
import { MONITORING_IMAGES } from "../monitoringImages";
import { TEXTFILE_DIRECTORY } from "../hostExporters";
import { EXPORTER_PORTS, MONITORING_PODS, MONITORING_PORTS, NODE_EXPORTER_NAMESPACE } from "../monitoringParts";
import type { MonitoringServiceArgs } from "../monitoringService";
import { named, NOBODY, probes, resources, SHUTDOWN_SECONDS, SINGLE_POD } from "./monitoringApp";

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

export function kubeStateMetricsApp({ secrets }: MonitoringServiceArgs): AppPlan {
  const pods = MONITORING_PODS.kubeStateMetrics;
  const config = "/etc/kube-state-metrics";
  const read = (group: string, kinds: readonly string[]): ClusterRule => ({
    apiGroups: [group],
    resources: [...kinds],
    verbs: ["list", "watch"],
  });
  return planApp(
    {
      ...named(pods),
      image: MONITORING_IMAGES.kubeStateMetrics,
      runtime: NOBODY,
      clusterRights: [
        ...Object.entries(WATCHED).map(([group, kinds]) => read(group, kinds)),
        read("k3s.cattle.io", ["etcdsnapshotfiles"]),
        read("apiextensions.k8s.io", ["customresourcedefinitions"]),
      ],
      config: {
        env: {},
        directories: [
          {
            name: "kube-state-metrics-config",
            path: config,
            files: { "custom-resources.yml": stringify(ETCD_SNAPSHOTS) },
          },
        ],
      },
      processes: [
        {
          ...SINGLE_POD,
          rollout: "recreate",
          name: pods.app,
          args: [
            `--port=${MONITORING_PORTS.kubeStateMetrics}`,
            `--telemetry-port=${MONITORING_PORTS.kubeStateMetricsHealth}`,
            `--resources=${Object.values(WATCHED).flat().sort().join(",")}`,
            `--custom-resource-state-config-file=${config}/custom-resources.yml`,
          ],
          ports: { http: MONITORING_PORTS.kubeStateMetrics, health: MONITORING_PORTS.kubeStateMetricsHealth },
          probes: probes({ port: "http", ready: "/readyz", readyPort: "health", alive: "/livez" }),
          resources: resources(["50m", "500m"], ["128Mi", "512Mi"]),
        },
      ],
    },
    secrets,
  );
}

export function blackboxExporterApp({ verifyCertificates, secrets }: MonitoringServiceArgs): AppPlan {
  const pods = MONITORING_PODS.blackboxExporter;
  const config = "/etc/blackbox_exporter";
  const modules = { "blackbox.yml": blackboxConfig({ verify: verifyCertificates }) };
  return planApp(
    {
      ...named(pods),
      image: MONITORING_IMAGES.blackboxExporter,
      runtime: NOBODY,
      config: { env: {}, directories: [{ name: "blackbox-exporter-config", path: config, files: modules }] },
      processes: [
        {
          ...SINGLE_POD,
          rollout: "recreate",
          name: pods.app,
          args: [`--config.file=${config}/blackbox.yml`],
          ports: { http: MONITORING_PORTS.blackboxExporter },
          probes: probes({ port: "http", ready: "/-/healthy", alive: "/-/healthy" }),
          resources: resources(["20m", "200m"], ["32Mi", "128Mi"]),
        },
      ],
    },
    secrets,
  );
}

/** Name of the second DaemonSet, beside the ingress. */
export const NODE_EXPORTER = "node-exporter";

/** On every node: it sees the node's network and, read-only, its file systems; therefore a namespace of its own. */
export function nodeExporterApp({ secrets, nodes }: MonitoringServiceArgs): AppPlan {
  const host = "/host";
  return planApp(
    {
      ...named({ kind: "pods", namespace: NODE_EXPORTER_NAMESPACE, app: NODE_EXPORTER }),
      image: MONITORING_IMAGES.nodeExporter,
      runtime: NOBODY,
      config: { env: {} },
      processes: [
        {
          kind: "daemon",
          nodes: nodes.hosts.length,
          name: NODE_EXPORTER,
          nodeNetwork: true,
          nodeFilesAt: host,
          podFields: { NODE_ADDRESS: "status.hostIP" },
          args: [
            `--path.rootfs=${host}`,
            // The node's private address, and no other.
            `--web.listen-address=$(NODE_ADDRESS):${EXPORTER_PORTS.node}`,
            "--collector.filesystem.mount-points-exclude=^/(dev|proc|run|sys|var/lib/kubelet/.+|var/lib/rancher/.+)($|/)",
            "--collector.netdev.device-exclude=^(cali.*|lo)$",
            `--collector.textfile.directory=${host}${TEXTFILE_DIRECTORY}`,
            "--no-collector.wifi",
            "--no-collector.nvme",
          ],
          ports: { metrics: EXPORTER_PORTS.node },
          probes: probes({ port: "metrics", ready: "/", alive: "/" }),
          resources: resources(["50m", "250m"], ["32Mi", "128Mi"]),
          longestRequestSeconds: SHUTDOWN_SECONDS,
        },
      ],
    },
    secrets,
  );
}

import { majority, type AlertRule, type RuleGroup } from "../alertRule";
import type { RuleFacts } from "./ruleFacts";

/** Hours after which an etcd snapshot is late: they are made every 6 h, so two may not fail in a row. */
const SNAPSHOT_HOURS = 13;

export function kubernetesRules({ nodes, servers }: RuleFacts): RuleGroup {
  return { name: "kubernetes", rules: [...NODES(nodes), ...QUORUM(servers), ...WORKLOADS] };
}

const NODES = (nodes: number): readonly AlertRule[] => [
  {
    alert: "NodeNotReady",
    expr: 'label_replace(kube_node_status_condition{condition="Ready", status="true"}, "machine", "$1", "node", "(.+)") == 0',
    holds: "3m",
    severity: "critical",
    summary: "Node {{ $labels.node }} is not ready",
    runbook:
      "`kubectl describe node` tells which condition. On the machine: `journalctl -u k3s -u k3s-agent`. Its pods move after 5 min; a server that stays away costs etcd a member.",
  },
  {
    alert: "NodeUnderPressure",
    expr: 'kube_node_status_condition{condition=~"MemoryPressure|DiskPressure|PIDPressure", status="true"} == 1',
    holds: "5m",
    severity: "warning",
    summary: "Node {{ $labels.node }} reports {{ $labels.condition }} and evicts pods",
    runbook: "Look at the dashboard Kubernetes for the pod that grew; images fill disks: `crictl rmi --prune`.",
  },
  {
    alert: "NodesMissing",
    expr: `count(kube_node_info) < ${nodes}`,
    holds: "10m",
    severity: "warning",
    summary: `The cluster has fewer than the ${nodes} nodes of its environment`,
    runbook:
      "A machine is down, did not join, or was removed by hand. Run a preview: it names the machine that is missing.",
  },
  {
    alert: "DaemonSetShort",
    expr: "kube_daemonset_status_desired_number_scheduled - kube_daemonset_status_number_ready > 0",
    holds: "15m",
    severity: "warning",
    summary: "DaemonSet {{ $labels.namespace }}/{{ $labels.daemonset }} is short of a node",
    runbook: "`kubectl -n NAMESPACE get pods -o wide` shows the node; describe the pod that is not ready.",
  },
];

const QUORUM = (servers: number): readonly AlertRule[] => [
  ...(servers < 3
    ? []
    : [
        {
          alert: "EtcdQuorumAtEdge",
          expr: `sum(up{job="kubernetes-api"}) <= ${majority(servers)}`,
          holds: "2m",
          severity: "critical",
          summary: `Of ${servers} K3s servers only a majority is left: one more loss stops the Kubernetes API`,
          runbook:
            "Bring the lost server back before anything else, and touch no other. `journalctl -u k3s` on it; it rejoins by itself. If its data is gone, it is replaced by the program: never start a second cluster.",
        } as const,
      ]),
  {
    alert: "EtcdSnapshotTooOld",
    expr: `time() - max(kube_customresource_etcd_snapshot_created) > ${SNAPSHOT_HOURS} * 3600 or absent(kube_customresource_etcd_snapshot_created)`,
    holds: "15m",
    severity: "critical",
    summary: `The newest etcd snapshot is older than ${SNAPSHOT_HOURS} h, or there is none`,
    runbook:
      "`k3s etcd-snapshot ls` on a server; `journalctl -u k3s | grep snapshot`. Usual causes: a full disk, or the object store refuses.",
  },
];

const WORKLOADS: readonly AlertRule[] = [
  {
    alert: "DeploymentShort",
    expr: "kube_deployment_status_replicas_available < kube_deployment_spec_replicas",
    holds: "10m",
    severity: "warning",
    summary: "{{ $labels.namespace }}/{{ $labels.deployment }} has fewer pods than it wants",
    runbook: "`kubectl -n NAMESPACE describe deployment` and its newest pod: image, scheduling, or a probe that fails.",
  },
  {
    alert: "DeploymentDown",
    expr: "kube_deployment_status_replicas_available == 0 and kube_deployment_spec_replicas > 0",
    holds: "2m",
    severity: "critical",
    summary: "{{ $labels.namespace }}/{{ $labels.deployment }} has no pod that can serve",
    runbook: "As for DeploymentShort. After a roll-out: `kubectl rollout undo`, then find out why.",
  },
  {
    alert: "PodRestarts",
    expr: "increase(kube_pod_container_status_restarts_total[30m]) > 3",
    holds: "5m",
    severity: "warning",
    summary: "{{ $labels.namespace }}/{{ $labels.pod }} restarts again and again",
    runbook:
      "`kubectl logs --previous`. OOMKilled: raise the limit or find the leak. A failing liveness probe: it must not depend on other services.",
  },
  {
    alert: "JobFailed",
    expr: "kube_job_status_failed > 0 unless on (namespace, job_name) kube_job_status_succeeded > 0",
    holds: "5m",
    severity: "warning",
    summary: "Job {{ $labels.namespace }}/{{ $labels.job_name }} failed",
    runbook:
      "A migration that fails leaves the old pods serving. Read its log, mend, and run `up` again: it makes a new Job.",
  },
  {
    alert: "AutoscalerAtMaximum",
    expr: "kube_horizontalpodautoscaler_status_current_replicas >= kube_horizontalpodautoscaler_spec_max_replicas",
    holds: "15m",
    severity: "warning",
    summary: "{{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} is at its upper bound",
    runbook:
      "Is the load real? Then raise maxReplicas in the environment, and workers with it. If not, look for slow dependencies.",
  },
  {
    alert: "VolumeAlmostFull",
    expr: "kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.1",
    holds: "10m",
    severity: "critical",
    summary: "Volume {{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} is 90 % full",
    runbook: "local-path volumes share their node's disk: free it, or move the pod to a larger node.",
  },
];

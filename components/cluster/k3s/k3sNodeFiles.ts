import { toYaml } from "./k3sConfig";

/**
 * The kubelet's own configuration: what is kept for the system, when pods are evicted, how much is logged.
 * K3s' flags come on top of it.
 */
export function kubeletConfig(): string {
  return toYaml({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    shutdownGracePeriod: "90s",
    shutdownGracePeriodCriticalPods: "30s",
    containerLogMaxSize: "10Mi",
    containerLogMaxFiles: 5,
    systemReserved: { cpu: "100m", memory: "256Mi" },
    kubeReserved: { cpu: "200m", memory: "512Mi" },
    evictionHard: {
      "memory.available": "256Mi",
      "nodefs.available": "10%",
      "nodefs.inodesFree": "5%",
      "imagefs.available": "15%",
    },
    imageGCHighThresholdPercent: 80,
    imageGCLowThresholdPercent: 70,
  });
}

/**
 * What the API server writes down: who did what, without the bodies of Secrets, ConfigMaps and tokens; whole
 * requests where permissions change; nothing of the constant watching of the cluster's own parts.
 */
export function auditPolicy(): string {
  return toYaml({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [
      { level: "None", nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/version", "/openapi/*", "/metrics"] },
      {
        level: "None",
        resources: [
          { group: "", resources: ["events"] },
          { group: "events.k8s.io", resources: ["events"] },
        ],
      },
      {
        level: "None",
        userGroups: ["system:nodes", "system:serviceaccounts:kube-system"],
        verbs: ["get", "list", "watch"],
      },
      { level: "None", verbs: ["get", "update"], resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
      {
        level: "Metadata",
        resources: [
          { group: "", resources: ["secrets", "configmaps", "serviceaccounts/token"] },
          { group: "authentication.k8s.io", resources: ["tokenreviews"] },
        ],
      },
      {
        level: "RequestResponse",
        verbs: ["create", "update", "patch", "delete", "deletecollection"],
        resources: [{ group: "rbac.authorization.k8s.io" }, { group: "networking.k8s.io" }],
      },
      { level: "Metadata" },
    ],
  });
}

/** Kernel settings that K3s' protect-kernel-defaults demands, and what routing pods needs (docs.k3s.io, hardening). */
export const K3S_SYSCTL: Readonly<Record<string, number>> = {
  "vm.panic_on_oom": 0,
  "vm.overcommit_memory": 1,
  "kernel.panic": 10,
  "kernel.panic_on_oops": 1,
  // The kernel's own defaults; the kubelet checks them, too (kubelet, setupKernelTunables).
  "kernel.keys.root_maxkeys": 1000000,
  "kernel.keys.root_maxbytes": 25000000,
  "net.ipv4.ip_forward": 1,
  "net.bridge.bridge-nf-call-iptables": 1,
  // Felix refuses to start with "loose" (2), which systemd's and some UFW defaults set.
  "net.ipv4.conf.all.rp_filter": 1,
  // Each watched file of each pod takes one.
  "fs.inotify.max_user_instances": 8192,
  "fs.inotify.max_user_watches": 524288,
};

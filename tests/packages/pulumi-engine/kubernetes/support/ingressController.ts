import type { Declaration } from "./harness";

/** The ingress controller's objects, enough of it that its status is published. */
export function ingressController(namespace: string): Declaration[] {
  const account = {
    type: "kubernetes:core/v1:ServiceAccount",
    name: "nginx",
    inputs: { metadata: { name: "nginx", namespace } },
  };
  const name = `nginx-${namespace}`;
  const role = {
    type: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    name,
    inputs: {
      metadata: { name },
      rules: [{ apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] }],
    },
  };
  const binding = {
    type: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    name,
    inputs: {
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name: "nginx", namespace }],
    },
  };
  const ingressClass = {
    type: "kubernetes:networking.k8s.io/v1:IngressClass",
    name,
    inputs: { metadata: { name }, spec: { controller: `example.com/${namespace}` } },
  };
  const labels = { app: "nginx" };
  const args = [
    "/nginx-ingress-controller",
    `--controller-class=example.com/${namespace}`,
    "--report-node-internal-ip-address",
  ];
  const podSpec = { serviceAccountName: "nginx", containers: [{ name: "controller", image: "controller:1", args }] };
  const daemonSet = {
    type: "kubernetes:apps/v1:DaemonSet",
    name: "nginx",
    inputs: {
      metadata: { name: "nginx", namespace },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec } },
    },
  };
  return [account, role, binding, ingressClass, daemonSet];
}

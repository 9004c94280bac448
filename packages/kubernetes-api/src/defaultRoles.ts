import type { JsonObject } from "./wire/json";

const READ = ["get", "list", "watch"];
const WRITE = ["create", "delete", "deletecollection", "patch", "update"];

type Plurals = Readonly<Record<string, string>>;

/** What a namespace's people work with, by group (kubernetes/kubernetes, bootstrappolicy); "" is the core group. */
const SEEN: Plurals = {
  "": "configmaps endpoints persistentvolumeclaims pods replicationcontrollers serviceaccounts services bindings events limitranges namespaces resourcequotas pods/log pods/status services/status",
  "discovery.k8s.io": "endpointslices",
  apps: "controllerrevisions daemonsets deployments replicasets statefulsets deployments/scale statefulsets/scale",
  autoscaling: "horizontalpodautoscalers",
  batch: "cronjobs jobs",
  policy: "poddisruptionbudgets",
  "networking.k8s.io": "ingresses networkpolicies",
};
const CHANGED: Plurals = {
  "": "configmaps events persistentvolumeclaims pods pods/exec pods/attach pods/portforward replicationcontrollers secrets serviceaccounts services",
  apps: "daemonsets deployments replicasets statefulsets deployments/scale statefulsets/scale",
  autoscaling: "horizontalpodautoscalers",
  batch: "cronjobs jobs",
  policy: "poddisruptionbudgets",
  "networking.k8s.io": "ingresses networkpolicies",
  "coordination.k8s.io": "leases",
};

const rules = (verbs: readonly string[], plurals: Plurals): JsonObject[] =>
  Object.entries(plurals).map(([group, names]) => ({
    apiGroups: [group],
    resources: names.split(" "),
    verbs: [...verbs],
  }));

const view = rules(READ, SEEN);
const edit = [
  ...view,
  ...rules(WRITE, CHANGED),
  ...rules(READ, { "": "secrets pods/exec pods/attach pods/portforward", "coordination.k8s.io": "leases" }),
];

/**
 * The roles of every cluster that people are given: rules by name. They are known to whoever judges a request, and not
 * among the objects that the API lists.
 */
export const defaultClusterRoles: Readonly<Record<string, readonly JsonObject[]>> = {
  "cluster-admin": [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
  admin: [...edit, ...rules([...READ, ...WRITE], { "rbac.authorization.k8s.io": "roles rolebindings" })],
  edit,
  view,
};

import type { SecretLedger } from "../../secrets/secretLedger";

interface ClusterRole {
  metadata: { name: string };
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}
interface ClusterRoleBinding extends Bound {
  metadata: { name: string };
}
interface RoleBinding extends Bound {
  metadata: { name: string; namespace: string };
}
interface Bound {
  roleRef: { apiGroup: string; kind: "ClusterRole"; name: string };
  subjects: { apiGroup: string; kind: "Group"; name: string }[];
}

/**
 * Who works with the cluster besides the program. admins: everything; deployers: change what applications consist of,
 * their Secrets included, and see the rest; viewers: see everything but Secrets.
 */
export const OPERATOR_GROUPS = ["admins", "deployers", "viewers"] as const;
export type OperatorGroupName = (typeof OPERATOR_GROUPS)[number];

export interface OperatorGroup {
  readonly name: OperatorGroupName;
  /** How often it was rotated. */
  readonly turn: number;
  /** As certificates and bindings name it: "keybuzz:viewers", "keybuzz:viewers:1" after the first rotation. */
  readonly subject: string;
}

/**
 * The groups under their present names. A client certificate cannot be taken back; a group can: rotated, it has another
 * name, and whoever still comes by the old one has no rights any more.
 */
export function operatorGroups(
  names: readonly OperatorGroupName[],
  secrets: Pick<SecretLedger, "turn">,
): readonly OperatorGroup[] {
  return names.map((name) => {
    const turn = secrets.turn(`kubernetes/${name}`);
    return { name, turn, subject: `keybuzz:${name}${turn === 0 ? "" : `:${turn}`}` };
  });
}

export interface OperatorRights {
  readonly clusterRoles: readonly ClusterRole[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
  readonly roleBindings: readonly RoleBinding[];
}

const READ = ["get", "list", "watch"];
/** What Kubernetes' own role "view" leaves out because it is in no namespace. */
const CLUSTER_VIEWER: ClusterRole = {
  metadata: { name: "keybuzz-cluster-viewer" },
  rules: [
    { apiGroups: [""], resources: ["nodes", "persistentvolumes"], verbs: READ },
    { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: READ },
    { apiGroups: ["networking.k8s.io"], resources: ["ingressclasses"], verbs: READ },
    { apiGroups: ["gateway.networking.k8s.io"], resources: ["*"], verbs: READ },
    { apiGroups: ["metrics.k8s.io"], resources: ["nodes", "pods"], verbs: READ },
  ],
};

/**
 * Their rights, as the cluster's own roles and bindings.
 *
 * @param namespaces of the applications. Whoever may start pods in one of the others (the ingress', the cluster's own)
 * can make himself an admin by their accounts.
 */
export function operatorRights(groups: readonly OperatorGroup[], namespaces: readonly string[]): OperatorRights {
  const seeing = groups.filter(({ name }) => name !== "admins");
  const deployers = groups.filter(({ name }) => name === "deployers");
  return {
    clusterRoles: seeing.length === 0 ? [] : [CLUSTER_VIEWER],
    clusterRoleBindings: groups.flatMap((group) => {
      const roles = group.name === "admins" ? ["cluster-admin"] : ["view", "keybuzz-cluster-viewer"];
      return roles.map((role) => ({ metadata: { name: `${bindingName(group)}-${role}` }, ...bound(group, role) }));
    }),
    roleBindings: deployers.flatMap((group) =>
      namespaces.map((namespace) => ({ metadata: { name: bindingName(group), namespace }, ...bound(group, "edit") })),
    ),
  };
}

/** The same after a rotation: the binding stays, and names another group. */
const bindingName = ({ name }: OperatorGroup): string => `keybuzz-${name}`;

function bound({ subject }: OperatorGroup, role: string): Bound {
  const apiGroup = "rbac.authorization.k8s.io";
  return {
    roleRef: { apiGroup, kind: "ClusterRole", name: role },
    subjects: [{ apiGroup, kind: "Group", name: subject }],
  };
}

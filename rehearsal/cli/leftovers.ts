import { rmSync } from "node:fs";
import type { LocalCloud } from "../localCloud";

/** Namespaces of every cluster, whoever made what is in them. */
const GIVEN_NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];
/** Kinds that nobody but the estate's program makes in the in-process cluster. */
const PROGRAM_KINDS = [
  ...["ClusterRole", "ClusterRoleBinding", "DaemonSet", "Deployment", "HorizontalPodAutoscaler", "Ingress"],
  ...["IngressClass", "Job", "NetworkPolicy", "PodDisruptionBudget", "Role", "RoleBinding", "Secret", "StatefulSet"],
];

interface ObjectHead {
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/**
 * What the local cloud still holds after a destroy that found nothing more to delete, "kind name" each: resources
 * that no state knows of. Empty when all is well.
 */
export async function leftInCloud(cloud: LocalCloud): Promise<readonly string[]> {
  const hetzner = Object.entries(cloud.cloud.snapshot()).flatMap(([kind, rows]) =>
    rows.map((row) => `${kind} ${String(row["name"] ?? row["id"])}`),
  );
  const objects = (await cloud.kubernetes.snapshot()) as readonly ObjectHead[];
  const kubernetes = objects.flatMap(({ kind = "", metadata = {} }) => {
    const { name = "", namespace } = metadata;
    const left =
      kind === "Namespace" ? !GIVEN_NAMESPACES.includes(name) : PROGRAM_KINDS.includes(kind) && !isSystems(metadata);
    return left ? [`${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`] : [];
  });
  return [...hetzner, ...kubernetes];
}

/** What a real API server brings along: it labels its own roles. */
function isSystems({ name = "", labels }: NonNullable<ObjectHead["metadata"]>): boolean {
  return (
    /^(system:|cluster-admin$|admin$|edit$|view$)/.test(name) || labels?.["kubernetes.io/bootstrapping"] !== undefined
  );
}

/** Forgets a stack's rehearsal: its ports, made-up secrets and empty cloud. The next up begins anew. */
export function forget(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}

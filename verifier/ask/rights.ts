import { at, list, text, texts } from "../read/graph";
import type { EmittedResource } from "../read/graph";
import type { Finding } from "../finding";
import type { Cluster } from "../read/cluster";

const RBAC = "kubernetes:rbac.authorization.k8s.io/v1:";
const READING: readonly string[] = ["get", "list", "watch", "*"];
/** Roles that every cluster has, with all rights. */
const ALL_RIGHTS: readonly string[] = ["cluster-admin"];

/** Which pods may do more than their own work needs: read all Secrets, or be on their node's own network. */
export function checkRights({ objects, workloads }: Cluster): readonly Finding[] {
  const roles = new Map(
    objects.filter(({ type }) => type === `${RBAC}ClusterRole`).map((role) => [nameOf(role), role]),
  );
  const readers = objects
    .filter(({ type }) => type === `${RBAC}ClusterRoleBinding`)
    .flatMap((binding) => {
      const name = text(at(binding.inputs, "roleRef", "name")) ?? "";
      const role = roles.get(name);
      if (!ALL_RIGHTS.includes(name) && (role === undefined || !readsSecrets(role))) return [];
      return list(at(binding.inputs, "subjects")).flatMap((subject): readonly Finding[] => {
        const { kind, namespace = "", name: account = "" } = texts(subject);
        if (kind !== "ServiceAccount") return [];
        const reader = `${namespace}/${account}`;
        return [
          taken(
            reader,
            "every Secret of the cluster",
            `ClusterRole ${name}`,
            `${reader} may read the Secrets of all namespaces`,
            "give it a Role in its namespace, or name the Secrets (resourceNames)",
          ),
        ];
      });
    });
  const onNodes = workloads
    .filter(({ hostNetwork, resource }) => hostNetwork && resource !== undefined)
    .map(({ label }) =>
      taken(
        label,
        "the nodes' own network",
        "hostNetwork",
        "no NetworkPolicy holds for its pods: whoever takes one over reaches what its node reaches",
        "take hostNetwork away",
      ),
    );
  return [...readers, ...onNodes];
}

/** A finding that an environment can accept as an exposure. */
function taken(from: string, to: string, rule: string, value: string, remedy: string): Finding {
  return {
    question: "closed",
    subject: `${from} -> ${to}`,
    at: from,
    rule,
    value,
    remedy,
    exposure: { from: [from], to },
  };
}

function readsSecrets(role: EmittedResource): boolean {
  return list(role.inputs["rules"]).some((rule) => {
    const has = (key: string, wanted: readonly string[]): boolean =>
      list(at(rule, key)).some((one) => wanted.includes(text(one) ?? "-"));
    return (
      has("apiGroups", ["", "*"]) &&
      has("resources", ["secrets", "*"]) &&
      has("verbs", READING) &&
      list(at(rule, "resourceNames")).length === 0
    );
  });
}

const nameOf = ({ inputs, name }: EmittedResource): string => text(at(inputs, "metadata", "name")) ?? name;

import type { User } from "./authentication";
import { defaultClusterRoles } from "./defaultRoles";
import type { Store } from "./store";
import { forbidden, type ApiError } from "./wire/apiError";
import { listAt, textAt, type Json, type JsonObject } from "./wire/json";

/** What somebody wants to do. */
export interface Wish {
  /** As RBAC calls it: get, list, create, update, patch, delete. */
  readonly verb: string;
  /** "" for the core group. */
  readonly group: string;
  /** Plural, with its subresource: "deployments/scale". */
  readonly resource: string;
  /** "" for the whole cluster. */
  readonly namespace: string;
  readonly name: string | undefined;
}

const RBAC = "rbac.authorization.k8s.io";
/** Whoever is in it may everything, whatever the bindings say. */
const MASTERS = "system:masters";

/** Role-based access control over the cluster's own roles and bindings, and the roles that every cluster has. */
export class Authorization {
  constructor(private readonly store: Store) {}

  /** @throws ApiError 403 in the API's own words. */
  require(user: User, wish: Wish): void {
    if (!this.#allows(user, wish)) throw refusal(user, wish);
  }

  #allows(user: User, wish: Wish): boolean {
    if (user.groups.includes(MASTERS)) return true;
    const everywhere = this.#granted(user, this.store.list(RBAC, "clusterrolebindings"), "");
    const there =
      wish.namespace === ""
        ? []
        : this.#granted(user, this.store.list(RBAC, "rolebindings", wish.namespace), wish.namespace);
    return [...everywhere, ...there].some((rule) => permits(rule, wish));
  }

  /** Rules of the roles that these bindings give him. */
  #granted(user: User, bindings: readonly JsonObject[], namespace: string): readonly Json[] {
    return bindings
      .filter((binding) => listAt(binding, "subjects").some((subject) => isMeant(subject, user)))
      .flatMap((binding): readonly Json[] => {
        const name = textAt(binding, "roleRef", "name") ?? "";
        const isCluster = textAt(binding, "roleRef", "kind") === "ClusterRole";
        const role = this.store.get({
          group: RBAC,
          plural: isCluster ? "clusterroles" : "roles",
          namespace: isCluster ? "" : namespace,
          name,
        });
        if (role !== undefined) return listAt(role, "rules");
        return isCluster ? (defaultClusterRoles[name] ?? []) : [];
      });
  }
}

function isMeant(subject: Json, { name, groups }: User): boolean {
  const meant = textAt(subject, "name") ?? "";
  switch (textAt(subject, "kind")) {
    case "Group":
      return groups.includes(meant);
    case "User":
      return name === meant;
    default:
      // Service accounts come with tokens, which are not served here.
      return false;
  }
}

function permits(rule: Json, { verb, group, resource, name }: Wish): boolean {
  const has = (field: string, wanted: string): boolean => {
    const values = listAt(rule, field);
    return values.includes("*") || values.includes(wanted);
  };
  const names = listAt(rule, "resourceNames");
  return (
    has("verbs", verb) &&
    has("apiGroups", group) &&
    has("resources", resource) &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  );
}

function refusal(user: User, { verb, group, resource, namespace, name }: Wish): ApiError {
  const what = group === "" ? resource : `${resource}.${group}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  return forbidden(
    `${what}${name === undefined ? "" : ` "${name}"`} is forbidden: User "${user.name}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`,
  );
}

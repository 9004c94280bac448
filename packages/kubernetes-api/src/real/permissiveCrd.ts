import type { JsonObject } from "../wire/json";
import type { ExtraKind } from "../wire/resourceType";

/** Kubernetes' own groups want to know who approved a CRD; this one says that nobody did (kubernetes/enhancements 2337). */
const PROTECTED = /\.(k8s|kubernetes)\.io$/;
const UNAPPROVED = { "api-approved.kubernetes.io": "unapproved, stands in for the published one" };

/** A CRD that lets any fields through. */
export function permissiveCrd({ group, version, kind, plural, namespaced }: ExtraKind): JsonObject {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, ...(PROTECTED.test(group) ? { annotations: UNAPPROVED } : {}) },
    spec: {
      group,
      scope: namespaced ? "Namespaced" : "Cluster",
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}

/** What a resource's type token says: kubernetes:apps/v1:Deployment. */
export interface KindToken {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * @throws for tokens that are no plain Kubernetes object: helm, kustomize and yaml components, Patch and List kinds.
 */
export function parseToken(token: string): KindToken {
  const [pkg, module = "", kind = ""] = token.split(":");
  const [group = "", version = ""] = module.split("/");
  if (
    pkg !== "kubernetes" ||
    kind === "" ||
    version === "" ||
    group.startsWith("helm.sh") ||
    group.startsWith("kustomize")
  )
    throw new Error(
      `${token}: not supported by the embedded engine; it knows kubernetes:<group>/<version>:<Kind>. Use the official Pulumi CLI for charts and yaml`,
    );
  if (kind.endsWith("Patch") || (kind.endsWith("List") && kind !== "List"))
    throw new Error(
      `${token}: Patch and List kinds are not supported by the embedded engine; declare the objects themselves`,
    );
  return { apiVersion: group === "core" ? version : `${group}/${version}`, kind };
}

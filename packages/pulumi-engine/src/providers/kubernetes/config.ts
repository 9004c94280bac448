import { z } from "zod";
import { UNKNOWN, type Properties, type Value } from "../../provider";

const boolean = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);

const known = z.object({
  kubeconfig: z.string().min(1).optional(),
  context: z.string().optional(),
  namespace: z.string().optional(),
  /** Identity of the cluster for the official provider; the embedded engine needs no more than accept it. */
  clusterIdentifier: z.string().optional(),
  enableServerSideApply: boolean.optional(),
  enableConfigMapMutable: boolean.default(false),
  enableSecretMutable: boolean.default(false),
  deleteUnreachable: boolean.default(false),
  skipUpdateUnreachable: boolean.default(false),
  suppressDeprecationWarnings: boolean.optional(),
  suppressHelmHookWarnings: boolean.optional(),
  /** Of the provider package itself. */
  version: z.string().optional(),
});

export type KubernetesConfig = z.output<typeof known> & {
  /** True in a preview that plans the cluster itself: nothing can be asked of it yet. */
  readonly clusterUnknown: boolean;
};

// Provider inputs that are no strings arrive JSON-encoded.
function decoded(name: string, value: Value): Value {
  if (typeof value !== "string" || name === "kubeconfig" || (value !== "true" && value !== "false")) return value;
  return value === "true";
}

/** @throws listing every setting that is wrong or not supported; never quoting the kubeconfig. */
export function parseConfig(config: Properties): KubernetesConfig {
  const entries = Object.entries(config).filter(([, value]) => value !== null);
  const clusterUnknown = entries.some(
    ([name, value]) => value === UNKNOWN && (name === "kubeconfig" || name === "context"),
  );
  const plain = Object.fromEntries(
    entries.filter(([, value]) => value !== UNKNOWN).map(([name, value]) => [name, decoded(name, value)]),
  );
  const parsed = known.strict().safeParse(plain);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`.replace(/^: /, ""));
  if (parsed.data?.enableServerSideApply === false)
    problems.push(
      "enableServerSideApply: false is not supported by the embedded engine, which always applies on the server",
    );
  if (!clusterUnknown && plain.kubeconfig === undefined)
    problems.push(
      "kubeconfig: missing; pass the cluster's kubeconfig (its contents, not a path) to the kubernetes.Provider",
    );
  if (!parsed.success || problems.length > 0) throw new Error(`kubernetes provider: ${problems.join("; ")}`);
  return { ...parsed.data, clusterUnknown };
}

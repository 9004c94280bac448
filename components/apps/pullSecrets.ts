import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { appLabels } from "./labels";
import type { AppPlan } from "./appPlan";
import type { PullSecret } from "./appArgs";
import type { SecretManifest } from "./manifests";
import { MistakesError } from "../mistakes";
import type { SecretResolver } from "../secrets/secretResolver";

/** The pull secrets of all applications: one per namespace and name, however many applications share it. */
export function renderPullSecrets(plans: readonly AppPlan[]): readonly SecretManifest[] {
  const wanted = new Map<string, SecretManifest>();
  for (const { name, namespace, pullSecret } of plans) {
    if (pullSecret === undefined) continue;
    const key = `${namespace}/${pullSecret.name}`;
    const manifest = renderPullSecret(namespace, pullSecret);
    const other = wanted.get(key);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(manifest)) {
      const fix = "give both the same registry and credentials, or different names";
      throw new MistakesError(`application "${name}"`, [
        { path: `${name}.pullSecret`, found: `"${key}" in two shapes`, allowed: "one shape per name", fix },
      ]);
    }
    wanted.set(key, manifest);
  }
  return [...wanted.values()];
}

/** The kubelet reads username and password; the base64 `auth` field is only another form of them. */
function renderPullSecret(namespace: string, { name, registry, username, password }: PullSecret): SecretManifest {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace, labels: { ...appLabels("registry-access") } },
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": JSON.stringify({ auths: { [registry]: { username, password } } }) },
  };
}

export interface PullSecretsArgs {
  readonly plans: readonly AppPlan[];
  readonly provider: k8s.Provider;
  readonly secrets: SecretResolver;
}

/** Registers them; the applications of a namespace depend on it. */
export class PullSecrets extends pulumi.ComponentResource {
  constructor(name: string, args: PullSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:workloads:PullSecrets", name, {}, opts);
    const own = { parent: this, provider: args.provider };
    for (const object of renderPullSecrets(args.plans)) {
      const { metadata, stringData } = object;
      const resolved = Object.fromEntries(
        Object.entries(stringData).map(([key, text]) => [key, args.secrets.resolve(text)]),
      );
      new k8s.core.v1.Secret(`${metadata.namespace}-${metadata.name}`, { ...object, stringData: resolved }, own);
    }
    this.registerOutputs();
  }
}

/** Access to ghcr.io with a token from configuration (`ghcrToken`). */
export function ghcrPullSecret(token: string, username = "keybuzzio"): PullSecret {
  return { name: "ghcr-secret", registry: "ghcr.io", username, password: token };
}

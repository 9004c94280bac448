import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AppPlan } from "./appPlan";
import { secretChecksum } from "./checksum";
import type { ConfigMapManifest, SecretManifest } from "./manifests";
import type { PodTemplate } from "./podManifests";
import { SECRET_CHECKSUM } from "./renderPods";
import type { SecretResolver } from "../secrets/secretResolver";

/**
 * Registers an application's ConfigMaps and Secrets. They have names of their own, which are unique in the
 * namespace: their logical names, too.
 */
export function registerConfiguration(
  rendered: { readonly configMaps: readonly ConfigMapManifest[]; readonly secrets: readonly SecretManifest[] },
  secrets: SecretResolver,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  return [
    ...rendered.configMaps.map((object) => new k8s.core.v1.ConfigMap(object.metadata.name, object, opts)),
    ...rendered.secrets.map((object) => {
      const stringData = Object.fromEntries(
        Object.entries(object.stringData).map(([key, text]) => [key, secrets.resolve(text)]),
      );
      return new k8s.core.v1.Secret(object.metadata.name, { ...object, stringData }, opts);
    }),
  ];
}

/**
 * Changes with any secret that the processes read; undefined where they read none. Shown in the clear, so that a
 * preview says why pods are replaced; see secretChecksum for why that is safe.
 */
export function checksumOfSecrets(
  plan: AppPlan,
  rendered: { readonly secrets: readonly SecretManifest[] },
  secrets: SecretResolver,
): pulumi.Output<string> | undefined {
  if (plan.checksumKey === undefined) return undefined;
  // The Jobs' own secrets are no reason to replace the processes.
  const ofJobs = [plan.migration, plan.firstAccount].map((job) => job?.secret.name);
  const used = rendered.secrets.filter((object) => !ofJobs.includes(object.metadata.name));
  const values = Object.fromEntries(
    used.flatMap((object) => Object.entries(object.stringData)).map(([key, text]) => [key, secrets.resolve(text)]),
  );
  return pulumi.unsecret(
    pulumi
      .all([secrets.resolve(plan.checksumKey), pulumi.all(values)])
      .apply(([key, resolved]) => secretChecksum(key, resolved)),
  );
}

/** A pod template whose annotations may be known only while resources are registered. */
export type RolledTemplate = Omit<PodTemplate, "metadata"> & {
  metadata: Omit<PodTemplate["metadata"], "annotations"> & { annotations: Record<string, pulumi.Input<string>> };
};

/** Pods read their environment once, at their start: the checksum in their template makes new ones when a secret changes. */
export function rolledBy(template: PodTemplate, checksum: pulumi.Output<string> | undefined): RolledTemplate {
  if (checksum === undefined) return template;
  const { metadata } = template;
  return {
    ...template,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [SECRET_CHECKSUM]: checksum } },
  };
}

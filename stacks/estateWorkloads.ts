import type { SecretLedger } from "../components/secrets/secretLedger";
import type { Topology } from "../components/topology/topology";
import { ghcrPullSecret } from "../components/workloads/pullSecrets";
import type { WorkloadContext } from "../components/workloads/workloadContext";
import { planWorkloads, type PlannedWorkload } from "../components/workloads/workloadPlans";
import type { Environment } from "./environment";
import type { EstateServices } from "./estateServices";

/** Every host name that the environment shows to the internet. */
export function publicHosts({ workloads }: Environment): readonly string[] {
  return Object.values(workloads)
    .flatMap((spec: { readonly host?: string } | undefined) => spec?.host ?? [])
    .sort();
}

export interface EstateWorkloadsArgs {
  readonly environment: Environment;
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  readonly services: EstateServices;
}

/** Plans the environment's workloads. */
export function estateWorkloads(args: EstateWorkloadsArgs): readonly PlannedWorkload[] {
  const { topology, secrets } = args;
  const { ingress, postgres, redis, rabbitmq, objectStore, vectorStore } = args.services;
  const context: WorkloadContext = {
    topology,
    secrets,
    ingress,
    ...(postgres === undefined ? {} : { postgres }),
    ...(redis === undefined ? {} : { redis }),
    ...(rabbitmq === undefined ? {} : { rabbit: rabbitmq }),
    ...(objectStore === undefined ? {} : { buckets: objectStore }),
    ...(vectorStore === undefined ? {} : { vectors: vectorStore }),
  };
  const { keybuzzApi, keybuzzFront, chatwoot, liteLlm } = args.environment.workloads;
  const access = (image: string) => pullSecret(image, secrets);
  return planWorkloads(
    {
      ...(liteLlm === undefined ? {} : { liteLlm: { ...liteLlm, ...access(liteLlm.image) } }),
      ...(keybuzzApi === undefined
        ? {}
        : { keybuzzApi: { ...keybuzzApi, minReplicas: keybuzzApi.replicas, ...access(keybuzzApi.image) } }),
      ...(keybuzzFront === undefined ? {} : { keybuzzFront: { ...keybuzzFront, ...access(keybuzzFront.image) } }),
      ...(chatwoot === undefined
        ? {}
        : { chatwoot: { ...chatwoot, webReplicas: chatwoot.replicas, ...access(chatwoot.image) } }),
    },
    context,
  );
}

/** KeyBuzz's own images are private. */
function pullSecret(image: string, secrets: SecretLedger): { readonly pullSecret?: ReturnType<typeof ghcrPullSecret> } {
  return image.startsWith("ghcr.io/keybuzzio/") ? { pullSecret: ghcrPullSecret(secrets.configured("ghcrToken")) } : {};
}

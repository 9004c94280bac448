import type { SecretLedger } from "../components/secrets/secretLedger";
import type { Endpoint, Topology } from "../components/topology/topology";
import type { AppPlan } from "../components/workloads/appPlan";
import { planChatwoot } from "../components/workloads/chatwoot";
import { planKeybuzzApi } from "../components/workloads/keybuzzApi";
import { planKeybuzzFront } from "../components/workloads/keybuzzFront";
import { planLiteLlm } from "../components/workloads/liteLlm";
import { ghcrPullSecret } from "../components/workloads/pullSecrets";
import type { WorkloadContext } from "../components/workloads/workloadContext";
import type { Environment } from "./environment";
import type { EstateServices } from "./estateServices";

/** One application and the endpoint that it serves. */
export interface EstateApp {
  readonly app: AppPlan;
  readonly endpoint: Endpoint;
}

/** Every host name that the environment shows to the internet. */
export function publicHosts({ workloads }: Environment): readonly string[] {
  return Object.values(workloads)
    .flatMap((spec: { readonly host?: string } | undefined) => spec?.host ?? [])
    .sort();
}

export interface WorkloadsArgs {
  readonly environment: Environment;
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  readonly services: EstateServices;
}

/** Plans the environment's workloads, those that others use first. */
export function estateWorkloads({ environment, topology, secrets, services }: WorkloadsArgs): readonly EstateApp[] {
  const { keybuzzApi, keybuzzFront, chatwoot, liteLlm } = environment.workloads;
  const { ingress, postgres, redis, rabbitmq, objectStore, vectorStore } = services;
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
  const llm = liteLlm === undefined ? undefined : planLiteLlm(liteLlm, context);
  const apps: (EstateApp | undefined)[] = [
    llm,
    keybuzzApi === undefined
      ? undefined
      : planKeybuzzApi(
          {
            ...keybuzzApi,
            minReplicas: keybuzzApi.replicas,
            ...pullSecret(keybuzzApi.image, secrets),
            ...(llm === undefined ? {} : { llm: llm.endpoint }),
          },
          context,
        ),
    keybuzzFront === undefined
      ? undefined
      : planKeybuzzFront({ ...keybuzzFront, ...pullSecret(keybuzzFront.image, secrets) }, context),
    chatwoot === undefined
      ? undefined
      : planChatwoot({ ...chatwoot, webReplicas: chatwoot.replicas, ...pullSecret(chatwoot.image, secrets) }, context),
  ];
  return apps.filter((app) => app !== undefined);
}

/** KeyBuzz's own images are private. */
function pullSecret(image: string, secrets: SecretLedger): { readonly pullSecret?: ReturnType<typeof ghcrPullSecret> } {
  return image.startsWith("ghcr.io/keybuzzio/") ? { pullSecret: ghcrPullSecret(secrets.configured("ghcrToken")) } : {};
}

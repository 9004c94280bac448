import type { SecretLedger } from "../components/secrets/secretLedger";
import type { Topology } from "../components/topology/topology";
import { ghcrPullSecret } from "../components/apps/pullSecrets";
import type { WorkloadContext } from "../components/workloads/workloadContext";
import { planWorkloads, type PlannedWorkload, type WorkloadsArgs } from "../components/workloads/workloadPlans";
import type { Environment } from "./environment";
import type { EstateServices } from "./estateServices";
import type { ConnectorSpec } from "./workloadSpecs";

/** Of the CPU request; autoscalers add pods above it. */
const CPU_PERCENT = 70;

export interface EstateWorkloadsArgs {
  readonly environment: Environment;
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  readonly services: EstateServices;
}

/** Plans the environment's workloads. */
export function estateWorkloads(args: EstateWorkloadsArgs): readonly PlannedWorkload[] {
  const { topology, secrets } = args;
  const { ingress, postgres, redis, rabbitmq, objectStore, vectorStore, proxysql } = args.services;
  const context: WorkloadContext = {
    topology,
    secrets,
    ingress,
    ...(postgres === undefined ? {} : { postgres }),
    ...(proxysql === undefined ? {} : { mariadb: proxysql }),
    ...(redis === undefined ? {} : { redis }),
    ...(rabbitmq === undefined ? {} : { rabbit: rabbitmq }),
    ...(objectStore === undefined ? {} : { buckets: objectStore }),
    ...(vectorStore === undefined ? {} : { vectors: vectorStore }),
  };
  const { keybuzzApi, keybuzzFront, chatwoot, liteLlm, n8n, superset, erpNext, connectors } =
    args.environment.workloads;
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
      ...(n8n === undefined ? {} : { n8n: { ...n8n, ...access(n8n.image) } }),
      ...(superset === undefined
        ? {}
        : { superset: { ...superset, webReplicas: superset.replicas, ...access(superset.image) } }),
      ...(erpNext === undefined
        ? {}
        : { erpNext: { ...erpNext, webReplicas: erpNext.replicas, ...access(erpNext.image) } }),
      ...(connectors === undefined
        ? {}
        : { connectors: connectors.map((spec) => ({ ...connectorArgs(spec), ...access(spec.image) })) }),
    },
    context,
  );
}

type ConnectorArgs = NonNullable<WorkloadsArgs["connectors"]>[number];

function connectorArgs({ replicas, maxReplicas, host, routes, ...rest }: ConnectorSpec): ConnectorArgs {
  return {
    ...rest,
    scale: maxReplicas === undefined ? replicas : { min: replicas, max: maxReplicas, cpuPercent: CPU_PERCENT },
    ...(host === undefined ? {} : { expose: { host, routes: routes ?? [{ kind: "http", path: "/" }] } }),
  };
}

/** KeyBuzz's own images are private. */
function pullSecret(image: string, secrets: SecretLedger): { readonly pullSecret?: ReturnType<typeof ghcrPullSecret> } {
  return image.startsWith("ghcr.io/keybuzzio/") ? { pullSecret: ghcrPullSecret(secrets.configured("ghcrToken")) } : {};
}

import type { Mistakes } from "../components/mistakes";
import type { SecretLedger } from "../components/secrets/secretLedger";
import type { Topology } from "../components/topology/topology";
import type { PullSecret } from "../components/apps/appArgs";
import { ghcrPullSecret } from "../components/apps/pullSecrets";
import type { WorkloadContext } from "../components/workloads/workloadContext";
import { planWorkloads, type PlannedWorkload } from "../components/workloads/workloadPlans";
import type { Environment } from "./environment";
import type { EstateServices } from "./estateServices";

export interface EstateWorkloadsArgs {
  readonly environment: Environment;
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  readonly services: EstateServices;
  readonly mistakes: Mistakes;
}

/** Plans the environment's workloads. */
export function estateWorkloads(args: EstateWorkloadsArgs): readonly PlannedWorkload[] {
  const { topology, secrets, mistakes } = args;
  const { ingress, postgres, redis, rabbitmq, objectStore, vectorStore, proxysql } = args.services;
  const context: WorkloadContext = {
    topology,
    secrets,
    mistakes,
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
  const given = <Spec extends { readonly image: string }>(spec: Spec) => ({ ...spec, ...access(spec.image, secrets) });
  return planWorkloads(
    {
      ...(liteLlm === undefined ? {} : { liteLlm: given(liteLlm) }),
      ...(keybuzzApi === undefined ? {} : { keybuzzApi: given(keybuzzApi) }),
      ...(keybuzzFront === undefined ? {} : { keybuzzFront: given(keybuzzFront) }),
      ...(chatwoot === undefined ? {} : { chatwoot: given(chatwoot) }),
      ...(n8n === undefined ? {} : { n8n: given(n8n) }),
      ...(superset === undefined ? {} : { superset: given(superset) }),
      ...(erpNext === undefined ? {} : { erpNext: given(erpNext) }),
      ...(connectors === undefined ? {} : { connectors: connectors.map(given) }),
    },
    context,
  );
}

/** KeyBuzz's own images are private. */
function access(image: string, secrets: SecretLedger): { readonly pullSecret?: PullSecret } {
  return image.startsWith("ghcr.io/keybuzzio/") ? { pullSecret: ghcrPullSecret(secrets.configured("ghcrToken")) } : {};
}

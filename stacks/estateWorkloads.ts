import type { Mistakes } from "../components/mistakes";
import type { SecretLedger } from "../components/secrets/secretLedger";
import type { Topology } from "../components/topology/topology";
import type { PullSecret } from "../components/apps/appArgs";
import { ghcrPullSecret } from "../components/apps/pullSecrets";
import { secretVault, type PlannedVault } from "../components/workloads/vault/vault";
import { planObjects, type PlannedObjects } from "../components/workloads/objects/planObjects";
import type { WorkloadContext } from "../components/workloads/workloadContext";
import { planWorkloads, type PlannedWorkload } from "../components/workloads/workloadPlans";
import type { Environment, WorkloadsSpec } from "./environment";
import { estateNames } from "./estateNames";
import type { EstateServices } from "./estateServices";
import { readObjects } from "./readObjects";
import { RESERVED_NAMESPACES } from "./reservedNamespaces";
import { webZones } from "./webZones";

export interface EstateWorkloadsArgs {
  readonly environment: Environment;
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  readonly services: EstateServices;
  /** Undefined: there is none, or one with mistakes. */
  readonly vault: PlannedVault | undefined;
  readonly mistakes: Mistakes;
}

/** Plans the environment's workloads. */
export function estateWorkloads(args: EstateWorkloadsArgs): {
  readonly apps: readonly PlannedWorkload[];
  readonly objects: readonly PlannedObjects[];
} {
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
    ...(args.environment.workloads.vault === undefined ? {} : { vault: secretVault(args.vault, topology) }),
  };
  const { chatwoot, liteLlm, n8n, superset, erpNext, files, apps, registries = [] } = args.environment.workloads;
  const withAccess = <Spec extends { readonly image: string }>(spec: Spec) => ({
    ...spec,
    ...access(spec.image, registries, secrets),
  });
  const given = {
    reservedNamespaces: RESERVED_NAMESPACES,
    zones: ["web.zone", "web.otherZones"].some((path) => mistakes.concerns(path))
      ? undefined
      : webZones(args.environment).map(({ zone }) => zone),
    names: estateNames(objectStore),
  };
  const planned = planWorkloads(
    {
      ...(liteLlm === undefined ? {} : { liteLlm: withAccess(liteLlm) }),
      ...(chatwoot === undefined ? {} : { chatwoot: withAccess(chatwoot) }),
      ...(n8n === undefined ? {} : { n8n: withAccess(n8n) }),
      ...(superset === undefined ? {} : { superset: withAccess(superset) }),
      ...(erpNext === undefined ? {} : { erpNext: withAccess(erpNext) }),
      ...(files === undefined ? {} : { files: withAccess(files) }),
      ...(apps === undefined ? {} : { apps: apps.map(withAccess) }),
    },
    { ...given, nodes: args.services.k3s.nodes.hosts.length },
    context,
  );
  // Last: what is an application's is then known.
  const entries = (args.environment.workloads.objects ?? []).map((entry, i) => {
    const { placed, mistakes: unread } = readObjects(entry);
    mistakes.add(...unread.map((one) => ({ ...one, path: `workloads.objects[${i}].${one.path}` })));
    return { ...entry, placed };
  });
  return { apps: planned, objects: planObjects(entries, given, context, mistakes) };
}

/** What an image's registry asks for; KeyBuzz' own images are private. */
function access(
  image: string,
  registries: NonNullable<WorkloadsSpec["registries"]>,
  secrets: SecretLedger,
): { readonly pullSecret?: PullSecret } {
  const own = registries.find(({ registry }) => image.startsWith(`${registry}/`));
  if (own !== undefined) {
    const { registry, username, passwordKey } = own;
    const name = `registry-${registry.replace(/[^a-z0-9]+/g, "-")}`;
    return { pullSecret: { name, registry, username, password: secrets.configured(passwordKey) } };
  }
  return image.startsWith("ghcr.io/keybuzzio/") ? { pullSecret: ghcrPullSecret(secrets.configured("ghcrToken")) } : {};
}

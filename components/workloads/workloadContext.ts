import type { SecretLedger } from "../secrets/secretLedger";
import type { Topology } from "../topology/topology";
import { MistakesError, type Mistakes } from "../mistakes";
import type {
  Buckets,
  Ingress,
  MariadbDatabases,
  PostgresDatabases,
  PublicFiles,
  RabbitVhosts,
  RedisServers,
  SecretVault,
  Vectors,
} from "./services";

/** Everything that a workload may ask for. A service that the environment does not run is left out. */
export interface WorkloadContext {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** Where applications' mistakes are added. Default: the first application with mistakes is refused. */
  readonly mistakes?: Mistakes;
  readonly ingress?: Ingress;
  readonly postgres?: PostgresDatabases;
  readonly mariadb?: MariadbDatabases;
  readonly redis?: RedisServers;
  readonly rabbit?: RabbitVhosts;
  readonly buckets?: Buckets;
  readonly vectors?: Vectors;
  readonly files?: PublicFiles;
  readonly vault?: SecretVault;
}

export type ServiceName = Exclude<keyof WorkloadContext, "topology" | "secrets" | "mistakes">;

/** What an environment must have for each service. */
export const PROVIDED_BY: Readonly<Record<ServiceName, string>> = {
  ingress: "the cluster's ingress",
  postgres: 'hosts of role "postgres"',
  mariadb: 'hosts of roles "mariadb" and "proxysql"',
  redis: 'hosts of role "redis"',
  rabbit: 'hosts of role "rabbitmq"',
  buckets: 'hosts of role "minio"',
  vectors: 'hosts of role "qdrant"',
  files: "workloads.files",
  vault: "workloads.vault",
};

/**
 * The context with the named services in it for certain.
 *
 * @throws MistakesError naming every service that the workload needs and the environment lacks
 */
export function requireServices<const Name extends ServiceName>(
  context: WorkloadContext,
  workload: string,
  names: readonly Name[],
): WorkloadContext & Required<Pick<WorkloadContext, Name>> {
  if (hasServices(context, names)) return context;
  const mistakes = names
    .filter((name) => context[name] === undefined)
    .map((name) => ({
      path: `${workload}.uses.${name}`,
      found: "nothing of that kind in this environment",
      allowed: `a service that the environment runs: ${PROVIDED_BY[name]}`,
      fix: `add ${PROVIDED_BY[name]} to the environment, or switch ${workload} off`,
    }));
  throw new MistakesError(`workload "${workload}"`, mistakes);
}

function hasServices<Name extends ServiceName>(
  context: WorkloadContext,
  names: readonly Name[],
): context is WorkloadContext & Required<Pick<WorkloadContext, Name>> {
  return names.every((name) => context[name] !== undefined);
}

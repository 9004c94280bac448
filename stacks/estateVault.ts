import type { Mistakes } from "../components/mistakes";
import type { SecretLedger } from "../components/secrets/secretLedger";
import type { Topology } from "../components/topology/topology";
import { planVault, type PlannedVault } from "../components/workloads/vault/vault";
import type { Environment } from "./environment";
import type { EstateServices } from "./estateServices";

export interface EstateVaultArgs {
  readonly environment: Environment;
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  readonly services: EstateServices;
  readonly mistakes: Mistakes;
}

/** Plans the environment's Vault, if it has one. */
export function estateVault({
  environment,
  services,
  mistakes,
  ...ledgers
}: EstateVaultArgs): PlannedVault | undefined {
  const { vault } = environment.workloads;
  if (vault === undefined) return undefined;
  const own = mistakes.at("workloads.vault");
  const apiServers = services.k3s.servers;
  return own.attempt(() => planVault({ ...vault, apiServers }, { ...ledgers, mistakes: own }));
}

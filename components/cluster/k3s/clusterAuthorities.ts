import type * as pulumi from "@pulumi/pulumi";
import type { Host } from "../../machines/host";
import type { SecretResolver } from "../../secrets/secretResolver";
import type { ProgramAuthority } from "./k3sAuthority";
import { K3S_PATHS } from "./k3sConfig";

/** Who may say who is who in a cluster. PEM. */
export interface ClusterAuthorities {
  /** Signs the API servers' certificates: what a client trusts. */
  readonly server: pulumi.Output<string>;
  /** Signs clients' certificates: whom the API servers believe. */
  readonly client: pulumi.Output<string>;
  /** Secret. Whoever has it is whoever he says he is, for as long as the authority lives (ten years). */
  readonly clientKey: pulumi.Output<string>;
}

/**
 * The authorities that K3s made when it made the cluster, read from a server: once, for they stay the same in the
 * cluster's whole life, unlike every certificate that they sign (docs/decisions/0022).
 *
 * @param dependsOn the servers, which have started.
 */
export function readAuthorities(
  name: string,
  server: Pick<Host, "read">,
  dependsOn: readonly pulumi.Resource[],
): ClusterAuthorities {
  return {
    server: server.read(`${name}-server-ca`, K3S_PATHS.serverAuthority, dependsOn),
    client: server.read(`${name}-client-ca`, K3S_PATHS.clientAuthority, dependsOn),
    clientKey: server.read(`${name}-client-ca-key`, K3S_PATHS.clientAuthorityKey, dependsOn),
  };
}

/** Those that the program made: nobody is asked. */
export function ownAuthorities({ server, client }: ProgramAuthority, secrets: SecretResolver): ClusterAuthorities {
  return {
    server: secrets.resolve(server.certificate),
    client: secrets.resolve(client.certificate),
    clientKey: secrets.resolve(client.key),
  };
}

import { join } from "node:path";
import type { FileSpec, StepSpec } from "../../machines/hostConfig";
import { refusingStep } from "../../machines/refusingStep";
import { shellScript } from "../../machines/shellScript";
import type { SecretLedger, WholeAuthority } from "../../secrets/secretLedger";
import { K3S_PATHS } from "./k3sConfig";

/**
 * Who makes a cluster's authorities. k3s: the first server, when it makes the cluster; tokens are short, and whoever
 * joins takes whatever authority answers. program: the program, and tokens name it; for new clusters only.
 */
export const AUTHORITY_MAKERS = ["program", "k3s"] as const;
export type AuthorityMaker = (typeof AUTHORITY_MAKERS)[number];

/** Of a node's server at Hetzner: who made its cluster's authority ("program"). Absent: K3s did. */
export const AUTHORITY_LABEL = "kubernetes-authority";

/** In the secret store: who signs the API servers' certificates, and who the clients'. */
export const PROGRAM_AUTHORITIES = { server: "k3s-server", client: "k3s-client" } as const;

/**
 * Authorities that the program makes, as placeholders. Of K3s' five they are those that somebody else than its servers
 * has to do with; the others (etcd's two, and the aggregation layer's) K3s makes where it finds none.
 */
export interface ProgramAuthority {
  readonly server: WholeAuthority;
  readonly client: WholeAuthority;
}

export function programAuthority(secrets: SecretLedger): ProgramAuthority {
  return {
    server: secrets.wholeAuthority(PROGRAM_AUTHORITIES.server),
    client: secrets.wholeAuthority(PROGRAM_AUTHORITIES.client),
  };
}

/**
 * A token that holds whoever joins with it to one cluster: "K10<sum>::<user>:<secret>", where the sum is that of
 * server-ca.crt, byte by byte, while that is a single certificate (k3s-io/k3s pkg/clientaccess, hashCA).
 */
export function longToken(authority: ProgramAuthority, user: "server" | "node", secret: string): string {
  return `K10${authority.server.sum}::${user}:${secret}`;
}

/** Both authorities, for the server that makes the cluster: its membership guard puts them where K3s looks for them. */
export function authorityFiles({ server, client }: ProgramAuthority): readonly FileSpec[] {
  return [
    { path: `${K3S_PATHS.authority}/server-ca.crt`, content: server.certificate, secret: true },
    { path: `${K3S_PATHS.authority}/server-ca.key`, content: server.key, secret: true },
    { path: `${K3S_PATHS.authority}/client-ca.crt`, content: client.certificate, secret: true },
    { path: `${K3S_PATHS.authority}/client-ca.key`, content: client.key, secret: true },
  ];
}

/** Refuses a node of a cluster with another authority, before any file of it is written. */
export function sameAuthority({ server }: ProgramAuthority): StepSpec {
  const guard = shellScript(join(__dirname, "k3sAuthority.sh"), {
    SUM: server.sum,
    FILES: [K3S_PATHS.serverAuthority, K3S_PATHS.agentServerAuthority],
  });
  return refusingStep("k3s-authority", guard);
}

import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import { K3S_PATHS } from "./k3sConfig";

/** Port on which each server says whether it holds an etcd member. */
export const MEMBERSHIP_PORT = 6440;
export const MEMBERSHIP_SCRIPT = "/usr/local/sbin/k3s-membership";

export interface MembershipArgs {
  /** This server, by its node name. */
  readonly host: string;
  /** May this server start a new cluster when nobody has one? True for one server only. */
  readonly mayInitialise: boolean;
  /** The API's load balancer: "https://10.0.0.10:6443". */
  readonly joinUrl: string;
  readonly others: readonly { readonly name: string; readonly address: string }[];
  /** Does the program bring the cluster's authority (K3S_PATHS.authority)? Otherwise K3s makes one. */
  readonly bringsAuthority: boolean;
}

/**
 * The script that decides, each time K3s is about to start, what this server is:
 * - it holds an etcd member: neither option is set, K3s goes on with what it has;
 * - the API answers at its load balancer, or another server holds a member: `server`, it joins;
 * - it is the one that may, and *every* other server has said that it holds nothing: `cluster-init`, with the
 *   authority that the program brings, if it does;
 * - otherwise it waits, and in the end fails and says for whom.
 *
 * Silence is never taken for absence: a first server that is replaced while the others are down must not start a
 * second, empty cluster. That is why each server answers on MEMBERSHIP_PORT even when its K3s does not run.
 *
 * A server that joins without data may have been a member before its machine was replaced. K3s refuses to join
 * under a name that etcd still has ("duplicate node name found"), so the script first asks the others to forget it:
 * a holder deletes that Node, whereupon K3s removes its member. The request is proved with the server token over a
 * nonce, is for the servers of this cluster only, and is refused while that Node is Ready.
 *
 * "Holds a member" means what it means to K3s: member/wal exists, no tombstone (k3s-io/k3s pkg/cluster/managed.go,
 * pkg/etcd). Started with a tombstone and without `server`, K3s would make a new cluster.
 */
export function membershipScript(args: MembershipArgs): string {
  const { host, mayInitialise, joinUrl, others, bringsAuthority } = args;
  return shellScript(join(__dirname, "k3sMembership.sh"), {
    HOST: host,
    ETCD: K3S_PATHS.etcd,
    DECISION: K3S_PATHS.membership,
    TOKEN: K3S_PATHS.token,
    K3S: K3S_PATHS.binary,
    JOIN_URL: joinUrl,
    MAY_INITIALISE: mayInitialise,
    PORT: MEMBERSHIP_PORT,
    AUTHORITY: bringsAuthority ? K3S_PATHS.authority : "",
    TLS: K3S_PATHS.tls,
    OTHERS: others.map(({ name, address }) => `${name} ${address}`),
  });
}

/** Answers other servers' question by starting the script once per connection; runs whether K3s runs or not. */
export function membershipSocketUnit(address: string): string {
  return `[Unit]
Description=Says whether this server holds an etcd member

[Socket]
ListenStream=${address}:${MEMBERSHIP_PORT}
Accept=yes
FreeBind=yes
MaxConnections=16

[Install]
WantedBy=sockets.target
`;
}

export function membershipAnswerUnit(): string {
  return `[Unit]
Description=Says whether this server holds an etcd member

[Service]
ExecStart=${MEMBERSHIP_SCRIPT} answer
StandardInput=socket
StandardOutput=socket
StandardError=journal
RuntimeMaxSec=90
`;
}

import type { HostRef } from "../../topology/party";
import { patroniEtcdApi, type PatroniSeries } from "./patroniTimings";
import { ETCD_CLIENT_PORT, ETCD_PEER_PORT } from "./patroniConfig";

export const ETCD_TLS = {
  key: "/etc/etcd-tls/server.key",
  cert: "/etc/etcd-tls/server.crt",
  ca: "/etc/etcd-tls/ca.crt",
} as const;

export const ETCD_DATA = "/var/lib/etcd/keybuzz";

/** Where a member is reached by the others. */
export const etcdPeer = ({ address }: HostRef): string => `https://${address}:${ETCD_PEER_PORT}`;

/** /etc/default/etcd of one member: etcd takes every flag from the environment too. */
export function etcdConfig(host: HostRef, members: readonly HostRef[], series: PatroniSeries): string {
  const client = (member: HostRef): string => `https://${member.address}:${ETCD_CLIENT_PORT}`;
  const settings: Readonly<Record<string, string | number | boolean>> = {
    ETCD_NAME: host.name,
    ETCD_DATA_DIR: ETCD_DATA,
    ETCD_LISTEN_PEER_URLS: etcdPeer(host),
    ETCD_LISTEN_CLIENT_URLS: client(host),
    ETCD_INITIAL_ADVERTISE_PEER_URLS: etcdPeer(host),
    ETCD_ADVERTISE_CLIENT_URLS: client(host),
    ETCD_INITIAL_CLUSTER: members.map((member) => `${member.name}=${etcdPeer(member)}`).join(","),
    ETCD_INITIAL_CLUSTER_TOKEN: "keybuzz-postgres",
    // Read only while the data directory is empty, and where etcdMembership.ts has decided nothing else.
    ETCD_INITIAL_CLUSTER_STATE: "new",
    ETCD_HEARTBEAT_INTERVAL: 100,
    // A new leader of etcd grants every lease its whole life again, so its election adds to a failover.
    ETCD_ELECTION_TIMEOUT: 500,
    ETCD_AUTO_COMPACTION_MODE: "periodic",
    ETCD_AUTO_COMPACTION_RETENTION: "1h",
    ETCD_CERT_FILE: ETCD_TLS.cert,
    ETCD_KEY_FILE: ETCD_TLS.key,
    ETCD_TRUSTED_CA_FILE: ETCD_TLS.ca,
    ETCD_CLIENT_CERT_AUTH: true,
    ETCD_PEER_CERT_FILE: ETCD_TLS.cert,
    ETCD_PEER_KEY_FILE: ETCD_TLS.key,
    ETCD_PEER_TRUSTED_CA_FILE: ETCD_TLS.ca,
    ETCD_PEER_CLIENT_CERT_AUTH: true,
    ETCD_LOGGER: "zap",
    // etcd 3.6 no longer knows it.
    ...(patroniEtcdApi(series) === "etcd" ? { ETCD_ENABLE_V2: true } : {}),
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join("\n")}\n`;
}

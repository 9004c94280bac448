import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";
import type { RollingRestart } from "../rollingRestart";
import { ETCD_TLS } from "./etcdConfig";
import { ETCD_CLIENT_PORT, PATRONI_PORT, PATRONI_SCOPE, PATRONI_TLS, type PatroniDcs } from "./patroniConfig";

/** Patroni's members: one leader, everybody running, one synchronous standby; etcd's members too where they are the DCS. */
export function postgresRolling(host: HostRef, members: readonly HostRef[], dcs: PatroniDcs): RollingRestart {
  const etcd = dcs === "etcd" ? members : [];
  return {
    cluster: "PostgreSQL",
    units: [...(dcs === "etcd" ? ["etcd.service"] : []), "patroni.service"],
    functions: shellScript(join(__dirname, "postgresRolling.sh"), {
      etcd_health: etcd.map(({ address }) => `https://${address}:${ETCD_CLIENT_PORT}/health`),
      etcd_ca: ETCD_TLS.ca,
      etcd_cert: ETCD_TLS.cert,
      etcd_key: ETCD_TLS.key,
      member_count: members.length,
      member: host.name,
      patroni: `https://${host.address}:${PATRONI_PORT}`,
      patroni_ca: PATRONI_TLS.ca,
      scope: PATRONI_SCOPE,
    }),
    hasLeader: true,
    knowsOwn: true,
  };
}

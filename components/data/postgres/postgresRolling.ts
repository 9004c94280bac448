import type { HostRef } from "../../topology/party";
import type { RollingRestart } from "../rollingRestart";
import { ETCD_TLS } from "./etcdConfig";
import { ETCD_CLIENT_PORT, PATRONI_PORT, PATRONI_SCOPE, PATRONI_TLS, type PatroniDcs } from "./patroniConfig";

const PATRONICTL = "patronictl -c /etc/patroni/config.yml";
/** Patroni looks every two seconds whether a new setting wants a restart; right after its start it has looked. */
const NOTICE_SECONDS = 5;

/** Patroni's members: one leader, everybody running, one synchronous standby; etcd's members too where they are the DCS. */
export function postgresRolling(host: HostRef, members: readonly HostRef[], dcs: PatroniDcs): RollingRestart {
  const health = members.map(({ address }) => `https://${address}:${ETCD_CLIENT_PORT}/health`).join(" ");
  const etcd =
    dcs === "etcd"
      ? `for url in ${health}; do
  curl -fsS -m 5 --cacert ${ETCD_TLS.ca} --cert ${ETCD_TLS.cert} --key ${ETCD_TLS.key} "$url" >/dev/null || return 1
done
`
      : "";
  return {
    cluster: "PostgreSQL",
    units: [...(dcs === "etcd" ? ["etcd.service"] : []), "patroni.service"],
    whole: `${etcd}local members
members=$(timeout 20 ${PATRONICTL} list -f json) || { echo "patronictl: $members"; return 1; }
python3 -c '
import json, sys
members = json.load(sys.stdin)
roles = sorted(one["Role"] for one in members)
running = [one for one in members if one["State"] in ("running", "streaming")]
standby = "Sync Standby" in roles or ${members.length} == 1
if len(running) != ${members.length} or roles.count("Leader") != 1 or not standby:
    sys.exit("; ".join(one["Member"] + ": " + one["Role"] + ", " + one["State"] for one in members))
' <<<"$members"`,
    leads: `[[ $(${patroniStatus(host, "/primary")}) == 200 ]]`,
    handOver: `${PATRONICTL} switchover ${PATRONI_SCOPE} --force`,
    own: {
      due: `if (($(ps -o etimes= -p "$(systemctl show --property MainPID --value patroni.service)" 2>/dev/null || echo 0) > 60)); then sleep ${NOTICE_SECONDS}; fi
curl -sS -m 5 --cacert ${PATRONI_TLS.ca} "https://${host.address}:${PATRONI_PORT}/patroni" | grep '"pending_restart": true' >/dev/null`,
      restart: `${PATRONICTL} restart ${PATRONI_SCOPE} ${host.name} --force --pending`,
    },
  };
}

function patroniStatus(host: HostRef, path: string): string {
  return `curl -sS -m 5 -o /dev/null -w '%{http_code}' --cacert ${PATRONI_TLS.ca} https://${host.address}:${PATRONI_PORT}${path}`;
}

import type { HostRef } from "../topology/party";

/** Where the host script leaves what waits for its turn (components/machines/script/6-units.sh). */
const PENDING = "/var/lib/keybuzz/pending";
/** How long the cluster may take until it is whole again after one member's restart; a large member recovers slowly. */
const WHOLE_SECONDS = 600;
/** How long members may take to find each other once every one of them is configured. */
export const FORMED_SECONDS = 300;

/** What is particular to one kind of cluster. All are bash, run on a member as root; secret placeholders may stand in it. */
export interface RollingRestart {
  /** For messages: "PostgreSQL". */
  readonly cluster: string;
  /** Units that wait for their turn (UnitSpec.restart), in the order in which they are restarted. */
  readonly units: readonly string[];
  /** Succeeds when every member takes part; prints what is wrong otherwise. */
  readonly whole: string;
  /** Succeeds on the member that leads. Undefined: nobody does, and one pass is enough. */
  readonly leads?: string;
  /** Members take their turns from the last to the first, which is the one preferred for writes. Default false. */
  readonly lastFirst?: boolean;
  /** Makes another member lead. */
  readonly handOver?: string;
  /** Restarts that the daemon itself knows to be due: `due` succeeds, `restart` does it. */
  readonly own?: { readonly due: string; readonly restart: string };
}

/** One step of a roll-out: this member's turn, and in which pass. */
export interface Turn {
  readonly host: HostRef;
  /** followers: the one that leads is left for the second pass, in which it hands over first. */
  readonly pass: "followers" | "leader" | "only";
}

/** Everybody's turns, to be taken one after the other: those that follow first, then whoever led. */
export function turns(rolling: RollingRestart, hosts: readonly HostRef[]): readonly Turn[] {
  const order = rolling.lastFirst === true ? [...hosts].reverse() : hosts;
  if (rolling.leads === undefined || hosts.length < 2) return order.map((host) => ({ host, pass: "only" }));
  return (["followers", "leader"] as const).flatMap((pass) => order.map((host) => ({ host, pass })));
}

/** Bash function: `until_whole WHEN` returns when `whole` succeeds; after so many seconds it calls `stop WHERE`. */
function untilWhole(seconds: number): string {
  return `until_whole() {
  local deadline=$((SECONDS + ${seconds}))
  until said="$(whole 2>&1)"; do
    if ((SECONDS >= deadline)); then stop "$1 the cluster is not whole"; fi
    sleep 1
  done
}`;
}

/**
 * For any member, when all are configured: waits until every one takes part, so that the cluster can lose one before
 * anybody uses it. Redis' Sentinels, for example, meet only over a living primary: one that dies before is not replaced.
 */
export function formedScript({ cluster, whole }: RollingRestart, seconds = FORMED_SECONDS): string {
  return `set -euo pipefail
{
whole() {
${whole.trim()}
}
stop() {
  echo "${cluster}: $1: \${said:-no answer}; remedy: mend it (see the members' journals), then run the same command again" >&2
  exit 1
}
${untilWhole(seconds)}
until_whole "${seconds} s after all members were configured"
echo "${cluster}: every member takes part"
} </dev/null
`;
}

/**
 * One member's turn. Does nothing where no restart is due. Otherwise: the cluster must be whole, the leader hands
 * over, the daemons restart, and the cluster must be whole again; if it is not, the script fails, nobody else's turn
 * comes, and the next run goes on where this one stopped.
 */
export function turnScript(rolling: RollingRestart, { host, pass }: Turn, wholeSeconds = WHOLE_SECONDS): string {
  const { cluster, units, own } = rolling;
  const leads = pass === "only" ? "false" : (rolling.leads ?? "false");
  return `set -euo pipefail
# Read whole before anything runs: some commands take whatever is left of standard input, and that is this script.
{
units=()
for unit in ${units.join(" ")}; do
  if [[ -e ${PENDING}/turn:$unit ]]; then units+=("$unit"); fi
done
whole() {
${rolling.whole.trim()}
}
leads() {
${leads.trim()}
}
hand_over() {
${(rolling.handOver ?? ":").trim()}
}
due() {
${(own?.due ?? "false").trim()}
}
restart_own() {
${(own?.restart ?? ":").trim()}
}
own=0
if due; then own=1; fi
if ((\${#units[@]} == 0 && own == 0)); then echo "${cluster}: ${host.name}: no restart is due"; exit 0; fi
if [[ ${pass} == followers ]] && leads; then echo "${cluster}: ${host.name} leads: its turn comes last"; exit 0; fi

# stop WHERE: the roll-out ends here, and says where it stands.
stop() {
  echo "${cluster}: the roll-out stops at ${host.name}: $1: \${said:-no answer}; members before it are done, those after it are untouched; remedy: mend the cluster (see the member's journal), then run the same command again: it goes on here" >&2
  exit 1
}
${untilWhole(wholeSeconds)}
until_whole "before its turn"
if leads; then
  said="$(hand_over 2>&1)" || stop "it cannot hand over"
  deadline=$((SECONDS + 60))
  while leads; do
    if ((SECONDS >= deadline)); then stop "it still leads 60 s after it was to hand over"; fi
    sleep 1
  done
  echo "${cluster}: ${host.name} has handed over"
  until_whole "after ${host.name} handed over"
fi
for unit in \${units[@]+"\${units[@]}"}; do
  said="$(systemctl restart "$unit" 2>&1)" || stop "$unit does not restart"
  until_whole "after the restart of $unit"
  rm -f "${PENDING}/turn:$unit"
  echo "${cluster}: ${host.name}: $unit restarted"
done
if due; then
  said="$(restart_own 2>&1)" || stop "it does not restart"
  until_whole "after its restart"
  echo "${cluster}: ${host.name} restarted"
fi
} </dev/null
`;
}

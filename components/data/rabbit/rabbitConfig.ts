import type { HostRef } from "../../topology/party";

export const AMQP_PORT = 5672;
export const RABBIT_MANAGEMENT_PORT = 15672;
export const RABBIT_METRICS_PORT = 15692;
/** Erlang's port mapper and the distribution port that RabbitMQ derives from its AMQP port (+20000). */
export const EPMD_PORT = 4369;
export const ERLANG_PORT = 25672;
/**
 * Where rabbitmqctl itself listens: members answer a question about the whole cluster, such as list_queues, to it
 * directly. As many of its commands can run on one member at a time; RabbitMQ's own default is 35672-35682.
 */
export const RABBIT_CLI_PORTS = [35672, 35673, 35674, 35675] as const;

/** Name of a node. The address is in it, so that no member needs a resolver to find another. */
export function rabbitNode(host: HostRef): string {
  return `rabbit@${host.address}`;
}

/** /etc/rabbitmq/rabbitmq.conf. Only keys that RabbitMQ 3.9 (Ubuntu 22.04) to 3.12 (24.04) know: others are fatal. */
export function rabbitConfig(host: HostRef, members: readonly HostRef[]): string {
  return [
    `listeners.tcp.1 = ${host.address}:${AMQP_PORT}`,
    `listeners.tcp.2 = 127.0.0.1:${AMQP_PORT}`,
    "heartbeat = 30",
    `management.tcp.ip = ${host.address}`,
    `management.tcp.port = ${RABBIT_MANAGEMENT_PORT}`,
    `prometheus.tcp.ip = ${host.address}`,
    `prometheus.tcp.port = ${RABBIT_METRICS_PORT}`,
    "# A minority stops serving rather than answer for a queue that the majority has moved.",
    "cluster_partition_handling = pause_minority",
    "cluster_formation.peer_discovery_backend = classic_config",
    ...members.map((member, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${rabbitNode(member)}`),
    "queue_master_locator = min-masters",
    "vm_memory_high_watermark.relative = 0.5",
    "disk_free_limit.absolute = 2GB",
    "loopback_users.guest = true",
    "",
  ].join("\n");
}

/**
 * How often the failure detector of quorum queues (aten, a heartbeat every 100 ms) looks. After a leader's silence the
 * election begins one to two and a half of these later. RabbitMQ's 5000 made it 5 to 12 s, measured; with 2000, 3 to 5 s.
 */
const RAFT_POLL_MS = 2000;

/** /etc/rabbitmq/advanced.config. In it, because rabbitmq.conf has a key for this since 3.11.5 only; there it wins. */
export function rabbitAdvancedConfig(): string {
  return `[{aten, [{poll_interval, ${RAFT_POLL_MS}}]}].\n`;
}

/**
 * A node that is silent for so long, give or take a quarter, is down. Erlang's default is 60 s, and until then
 * whatever asks the dead node waits: measured, publishers stood still for 72 s after a power cut.
 */
const TICK_SECONDS = 5;

/** /etc/rabbitmq/rabbitmq-env.conf. */
export function rabbitEnvironment(host: HostRef, cores: number): string {
  return [
    `NODENAME=${rabbitNode(host)}`,
    "USE_LONGNAME=true",
    `CTL_DIST_PORT_MIN=${Math.min(...RABBIT_CLI_PORTS)}`,
    `CTL_DIST_PORT_MAX=${Math.max(...RABBIT_CLI_PORTS)}`,
    `SERVER_ADDITIONAL_ERL_ARGS="+S ${cores}:${cores} +sbwt none -kernel net_ticktime ${TICK_SECONDS}"`,
    "",
  ].join("\n");
}

/** One application's part of the broker. */
export interface RabbitVhost {
  readonly name: string;
  readonly user: string;
  /** Secret placeholder. */
  readonly password: string;
  /** Its user before the last rotation. Absent: never rotated. */
  readonly retired?: string;
}

/** How long connections of a retired user may take to go by themselves. */
const FAREWELL_SECONDS = 60;

/** Consumers have their new users: those before go, and with them whatever connection they still have. Idempotent. */
export function rabbitRetireScript(users: readonly string[]): string {
  return [
    "set -euo pipefail",
    "{",
    "retire() {",
    '  if ! rabbitmqctl list_users --quiet --no-table-headers | cut -f1 | grep -qx -- "$1"; then return 0; fi',
    `  for ((waited = 0; waited < ${FAREWELL_SECONDS}; waited += 3)); do`,
    '    if ! rabbitmqctl list_connections --quiet --no-table-headers user | grep -qx -- "$1"; then break; fi',
    "    sleep 3",
    "  done",
    '  rabbitmqctl delete_user --quiet "$1"',
    "}",
    ...users.map((user) => `retire ${user}`),
    "} </dev/null",
    "",
  ].join("\n");
}

/**
 * A job for any member: virtual hosts with quorum queues as their default, one user each. Idempotent; passwords
 * come by standard input and are set only when they changed.
 */
export function rabbitVhostsScript(vhosts: readonly RabbitVhost[]): string {
  return [
    "set -euo pipefail",
    "# Read whole before anything runs: rabbitmqctl takes whatever is left of standard input, and that is this script.",
    "{",
    "rabbitmqctl await_startup --timeout 300 >/dev/null",
    "if rabbitmqctl list_users --quiet --no-table-headers | cut -f1 | grep -qx guest; then rabbitmqctl delete_user --quiet guest; fi",
    "quorum=()",
    "if rabbitmqctl help add_vhost | grep -q -- --default-queue-type; then quorum=(--default-queue-type quorum); fi",
    "vhost() {",
    '  if ! rabbitmqctl list_vhosts --quiet --no-table-headers | grep -qx -- "$1"; then',
    '    rabbitmqctl add_vhost --quiet "$1" "${quorum[@]}"',
    "  fi",
    "}",
    "# user NAME VHOST, its password on standard input",
    "user() {",
    "  local password",
    "  read -r password",
    '  if ! rabbitmqctl list_users --quiet --no-table-headers | cut -f1 | grep -qx -- "$1"; then',
    '    rabbitmqctl add_user --quiet "$1" <<<"$password"',
    '  elif ! rabbitmqctl authenticate_user --quiet "$1" <<<"$password" >/dev/null 2>&1; then',
    '    rabbitmqctl change_password --quiet "$1" <<<"$password"',
    "  fi",
    '  rabbitmqctl set_permissions --quiet -p "$2" "$1" ".*" ".*" ".*"',
    "}",
    ...vhosts.flatMap(({ name, user, password }) => [`vhost ${name}`, `user ${user} ${name} <<<'${password}'`]),
    "} </dev/null",
    "",
  ].join("\n");
}

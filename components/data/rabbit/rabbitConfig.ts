import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
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

/** /etc/rabbitmq/rabbitmq.conf. Only keys that RabbitMQ 3.10 (Debian 12) to 4.0 (Debian 13) know: others are fatal. */
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

/** Consumers have their new users: those before go, and with them whatever connection they still have. Idempotent. */
export function rabbitRetireScript(users: readonly string[]): string {
  return shellScript(join(__dirname, "rabbitRetire.sh"), { users });
}

/**
 * A job for any member: virtual hosts with quorum queues as their default, one user each. Idempotent; passwords
 * come by standard input and are set only when they changed.
 */
export function rabbitVhostsScript(vhosts: readonly RabbitVhost[]): string {
  return shellScript(join(__dirname, "rabbitVhosts.sh"), {
    vhosts: vhosts.map(({ name, user, password }) => `${name} ${user} ${password}`),
  });
}

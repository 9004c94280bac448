import type { Declaration } from "../declaration";
import type { Finding } from "../finding";
import { backendSections } from "../read/haproxy";
import { balancerOf, hostsOf } from "../walk/parties";
import type { Paths } from "../walk/paths";
import { serversBehind } from "../walk/proxies";
import type { Host } from "../read/hosts";

/** Limits of connections that stay: proxies, poolers and brokers between consumers and their data. */
export function patientConnections(paths: Paths, declaration: Declaration): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { endpoint, idleSeconds } of declaration.listeners) {
    if (idleSeconds === undefined) continue;
    const find = (at: string, rule: string, found: number): void => {
      findings.push({
        question: "patient",
        subject: `${endpoint.id}: connections that are silent for ${idleSeconds} s`,
        at,
        rule,
        value: `${found} s`,
        remedy: `raise it to ${idleSeconds} s, which the endpoint promises`,
      });
    };
    const balancer = balancerOf(paths.world, endpoint.provider);
    const service = balancer?.services.find(({ port }) => port === endpoint.port);
    if (service?.idleSeconds !== undefined && service.idleSeconds < idleSeconds)
      find(`load balancer ${balancer?.name ?? ""}`, `http.timeoutIdle of ${service.resource}`, service.idleSeconds);
    for (const host of hostsOf(paths.world, endpoint.provider)) {
      for (const { rule, seconds } of idleLimits(paths, host, endpoint.port)) {
        if (seconds < idleSeconds) find(`proxy on ${host.name}`, rule, seconds);
      }
    }
  }
  for (const host of paths.world.hosts.values()) findings.push(...behindProxies(paths, host));
  return findings;
}

interface Limit {
  readonly rule: string;
  readonly seconds: number;
}

/** After how much silence a proxy's port closes a connection, on each of its sides. */
export function idleLimits(paths: Paths, host: Host, port: number): readonly Limit[] {
  const listener = paths.ports.listenerAt(host, port, "tcp");
  if (listener?.daemon === "proxysql") {
    const milliseconds = /^\s*wait_timeout=(\d+)/m.exec(host.files["/etc/proxysql.cnf"] ?? "")?.[1];
    return [{ rule: "wait_timeout of proxysql.cnf", seconds: Number(milliseconds ?? 28_800_000) / 1000 }];
  }
  const { section } = listener ?? {};
  if (section === undefined) return [];
  return [
    { rule: `timeout client of ${section.kind} ${section.name}`, seconds: section.timeouts["client"] ?? Infinity },
    ...backendSections(host.haproxy, section).map(({ name, timeouts }) => ({
      rule: `timeout server of backend ${name}`,
      seconds: timeouts["server"] ?? Infinity,
    })),
  ];
}

/** Whoever keeps connections through HAProxy must let go of them, or say something, before HAProxy does. */
function behindProxies(paths: Paths, host: Host): readonly Finding[] {
  const findings: Finding[] = [];
  const ini = host.files["/etc/pgbouncer/pgbouncer.ini"];
  if (ini !== undefined) {
    const idle = Number(/^server_idle_timeout\s*=\s*(\d+)/m.exec(ini)?.[1] ?? 600);
    const proxy = Math.min(
      ...host.listeners
        .filter(({ section }) => section?.name.includes("leader"))
        .flatMap(({ port }) => idleLimits(paths, host, port).map(({ seconds }) => seconds)),
      Infinity,
    );
    if (idle === 0 || idle >= proxy) {
      findings.push({
        question: "patient",
        subject: "PgBouncer's connections to PostgreSQL",
        at: `PgBouncer on ${host.name}`,
        rule: "server_idle_timeout",
        value: `${idle} s, but HAProxy closes them after ${proxy} s: the next query meets a dead connection`,
        remedy: `lower it below ${proxy}`,
      });
    }
  }
  const rabbit = host.files["/etc/rabbitmq/rabbitmq.conf"];
  if (rabbit !== undefined) {
    const heartbeat = Number(/^heartbeat\s*=\s*(\d+)/m.exec(rabbit)?.[1] ?? 60);
    for (const proxy of paths.world.hosts.values()) {
      for (const listener of proxy.listeners) {
        const servers = serversBehind(proxy, listener) ?? [];
        if (!servers.some(({ address, port }) => address === host.address && port === 5672)) continue;
        const limit = Math.min(...idleLimits(paths, proxy, listener.port).map(({ seconds }) => seconds), Infinity);
        if (heartbeat > 0 && limit > 2 * heartbeat) continue;
        findings.push({
          question: "patient",
          subject: `AMQP connections through ${proxy.name}`,
          at: `RabbitMQ on ${host.name}`,
          rule: "heartbeat",
          value:
            heartbeat === 0
              ? `none, but HAProxy closes a silent connection after ${limit} s`
              : `every ${heartbeat} s, but HAProxy closes a silent connection after ${limit} s`,
          remedy: `two heartbeats must fit into HAProxy's limit: set it below ${Math.floor(limit / 2)}`,
        });
      }
    }
  }
  const redis = host.files["/etc/redis/keybuzz.conf"];
  const timeout = Number(/^timeout (\d+)/m.exec(redis ?? "")?.[1] ?? 0);
  if (timeout !== 0) {
    findings.push({
      question: "patient",
      subject: "Redis subscriptions",
      at: `Redis on ${host.name}`,
      rule: "timeout",
      value: `${timeout} s: idle clients are cut by Redis, before HAProxy's limit is asked`,
      remedy: "set it to 0; HAProxy's limit holds",
    });
  }
  return findings;
}

import type { HealthCheck } from "../topology/healthCheck";
import type { HostRef } from "../topology/party";
import { memberSection, namedSection, type CheckLogin, type HaproxyListener, type Sentinels } from "./haproxyListener";

/** Port of HAProxy's answer to the load balancers' health checks: /health/<section>. */
export const HAPROXY_HEALTH_PORT = 8404;
/** Port of the Prometheus exporter built into Debian's and Ubuntu's HAProxy: /metrics. */
export const HAPROXY_METRICS_PORT = 8405;

export interface HaproxyConfigArgs {
  /** Private address of this host: the only address that anything but loopback listens on. */
  readonly address: string;
  readonly listeners: readonly HaproxyListener[];
  /** Connections at a time, each of which takes two file descriptors. */
  readonly maxConnections: number;
}

/** Path that a load balancer asks: 200 while the listener has a live server, 503 otherwise, 404 for one that is unknown. */
export function healthPath(section: string): string {
  return `/health/${section}`;
}

/**
 * haproxy.cfg of a TCP proxy. Only directives that HAProxy 2.4 (Ubuntu 22.04), 2.6 (Debian 12), 2.8 (Ubuntu
 * 24.04) and 3.0 (Debian 13) understand alike. Servers are addresses, so nothing is resolved. Secret placeholders may stand in it.
 */
export function haproxyConfig(args: HaproxyConfigArgs): string {
  return [
    ...globalSection(args.maxConnections),
    ...args.listeners.flatMap((listener) => listenerSections(listener, args.address)),
    ...monitorSections(args),
  ].join("\n");
}

/** `global` and `defaults`, shared with the bastion's small proxy. */
export function globalSection(maxConnections: number): readonly string[] {
  return [
    "global",
    "    log /dev/log local0 info",
    "    chroot /var/lib/haproxy",
    "    user haproxy",
    "    group haproxy",
    "    stats socket /run/haproxy/admin.sock mode 660 level admin",
    "    stats timeout 30s",
    `    maxconn ${maxConnections}`,
    "    # After a reload the old process may finish its connections for so long, unwatched by its health checks.",
    "    hard-stop-after 5m",
    "",
    "defaults",
    "    mode tcp",
    "    log global",
    "    option dontlognull",
    "    option clitcpka",
    "    option srvtcpka",
    "    option redispatch 1",
    "    retries 2",
    "    timeout connect 3s",
    "    timeout queue 5s",
    "    timeout client 1m",
    "    timeout server 1m",
    "    timeout client-fin 30s",
    "    timeout server-fin 30s",
    "",
  ];
}

function listenerSections(listener: HaproxyListener, address: string): readonly string[] {
  const { sentinels, name, servers, ...shared } = listener;
  if (sentinels === undefined) return [...frontend(listener, address), ...backend(listener)];
  return [
    ...frontend(listener, address),
    ...servers.flatMap((server) => [
      ...backend({ ...shared, name: memberSection(name, server), servers: [server] }),
      ...named(name, server, sentinels, shared.check),
    ]),
  ];
}

function frontend(listener: HaproxyListener, address: string): readonly string[] {
  if (listener.port === undefined) return [];
  return [
    `# ${listener.purpose}`,
    `frontend ${listener.name}`,
    `    bind ${address}:${listener.port}`,
    ...(listener.loopback ? [`    bind 127.0.0.1:${listener.port}`] : []),
    "    option tcplog",
    `    timeout client ${listener.idleTimeoutSeconds}s`,
    ...(listener.sentinels === undefined
      ? [`    default_backend ${listener.name}`]
      : [
          "    # A former primary may call itself primary for seconds after its return: the majority of the Sentinels decides.",
          ...choices(listener, listener.sentinels),
        ]),
    "",
  ];
}

/** To the server that the majority names; while it names none, connections are refused. */
function choices({ name, servers }: HaproxyListener, { quorum }: Sentinels): readonly string[] {
  return servers.map(
    (server) =>
      `    use_backend ${memberSection(name, server)} if { nbsrv(${namedSection(name, server)}) ge ${quorum} }`,
  );
}

/** Sentinels that name this server are alive in it, one by one. Nothing connects through it. */
function named(listener: string, server: HostRef, sentinels: Sentinels, check: HealthCheck): readonly string[] {
  const { hosts, port, masterName } = sentinels;
  return [
    `backend ${namedSection(listener, server)}`,
    `    timeout check ${check.timeoutSeconds}s`,
    "    option tcp-check",
    "    tcp-check connect",
    `    tcp-check send SENTINEL\\ get-master-addr-by-name\\ ${masterName}\\r\\n`,
    // Sentinels know no QUIT. Their answer comes as a whole: one that names another fails at once.
    `    tcp-check expect min-recv 0 string \\r\\n${server.address}\\r\\n`,
    // Whom they name comes before what it says of itself: asked twice as often, it adds little to a failover.
    `    default-server inter ${check.intervalSeconds * 500}ms fall 1 rise 1`,
    ...hosts.map((host) => `    server ${host.name} ${host.address}:${port} check`),
    "",
  ];
}

function backend(listener: HaproxyListener): readonly string[] {
  const { check } = listener;
  const port = check.port === listener.serverPort ? "" : ` port ${check.port}`;
  const tls = check.kind === "http" && check.tls === true ? ` check-ssl ${tlsVerification(listener.checkCaFile)}` : "";
  const fast = check.fastIntervalMs === undefined ? "" : ` fastinter ${check.fastIntervalMs}ms`;
  const firstAlive = listener.balance === "firstAlive";
  return [
    ...(listener.port === undefined ? [`# ${listener.purpose}`] : []),
    `backend ${listener.name}`,
    ...(firstAlive ? [] : [`    balance ${listener.balance}`]),
    `    timeout server ${listener.idleTimeoutSeconds}s`,
    `    timeout check ${check.timeoutSeconds}s`,
    ...checkDirectives(check, listener.checkLogin).map((line) => `    ${line}`),
    `    default-server inter ${check.intervalSeconds}s${fast} fall ${check.retries} rise 1 on-marked-down shutdown-sessions${port}${tls}`,
    ...listener.servers.map(
      (server, index) =>
        `    server ${server.name} ${server.address}:${listener.serverPort} check${firstAlive && index > 0 ? " backup" : ""}`,
    ),
    "",
  ];
}

function tlsVerification(caFile: string | undefined): string {
  return caFile === undefined ? "verify none" : `verify required ca-file ${caFile}`;
}

function checkDirectives(check: HealthCheck, login: CheckLogin | undefined): readonly string[] {
  switch (check.kind) {
    case "tcp":
      return ["option tcp-check"];
    case "http":
      return [
        "option httpchk",
        `http-check send meth GET uri ${check.path}`,
        `http-check expect status ${check.statuses.join(",")}`,
      ];
    case "redisPrimary":
      return [
        "option tcp-check",
        "tcp-check connect",
        ...(login === undefined ? [] : [`tcp-check send ${redisAuth(login)}\\r\\n`, "tcp-check expect string +OK"]),
        "tcp-check send info\\ replication\\r\\n",
        // Redis closes then: a replica fails at once, not when the time for the check is over.
        "tcp-check send QUIT\\r\\n",
        "tcp-check expect string role:master",
      ];
    case "postgres":
      return [`option pgsql-check user ${check.user}`];
    case "mysql":
      return [`option mysql-check user ${check.user}`];
  }
}

function redisAuth({ user, password }: CheckLogin): string {
  return ["AUTH", ...(user === undefined ? [] : [user]), password].join("\\ ");
}

function monitorSections({ address, listeners }: HaproxyConfigArgs): readonly string[] {
  const live = (section: string): string => `{ nbsrv(${section}) gt 0 }`;
  return [
    "# Asked by the load balancers, for each of their ports: does this HAProxy still reach a server?",
    "frontend health",
    "    mode http",
    "    no log",
    `    bind ${address}:${HAPROXY_HEALTH_PORT}`,
    "    timeout client 10s",
    ...listeners.flatMap((listener) =>
      proofs(listener).map(
        (section) =>
          `    http-request return status 200 content-type text/plain string up if { path ${healthPath(listener.name)} } ${live(section)}`,
      ),
    ),
    ...(listeners.length === 0
      ? []
      : [
          `    http-request return status 503 content-type text/plain string down if { path ${listeners.map(({ name }) => healthPath(name)).join(" ")} }`,
        ]),
    "    http-request return status 404 content-type text/plain string unknown",
    "",
    "frontend metrics",
    "    mode http",
    "    no log",
    `    bind ${address}:${HAPROXY_METRICS_PORT}`,
    "    timeout client 10s",
    "    http-request use-service prometheus-exporter if { path /metrics }",
    "    http-request return status 404 content-type text/plain string unknown",
    "",
  ];
}

/** Sections of which one with a live server proves that this HAProxy reaches the cluster. */
function proofs({ name, servers, sentinels, siblings }: HaproxyListener): readonly string[] {
  return [...(sentinels === undefined ? [name] : servers.map((server) => namedSection(name, server))), ...siblings];
}

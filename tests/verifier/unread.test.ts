// Words that no model knows: each is told, whatever it is written in. What is passed in silence would be "proved".
import { withFile, withInput, type Edit } from "../../verifier/mutations/graphEdits";
import { texts, type EmittedGraph, type EmittedResource } from "../../verifier/read/graph";
import { SERVER } from "../../verifier/read/knownTypes";
import { buildWorld } from "../../verifier/read/world";
import { prodGraph } from "../support/emitted";

const graph = prodGraph();
/** What a change of one resource makes the verifier say; the rest of the estate would be read for nothing. */
const told = (edit: Edit, ...parts: readonly EmittedResource[]): string => {
  const before: EmittedGraph = { resources: parts };
  const changed = edit(before);
  expect(JSON.stringify(changed)).not.toBe(JSON.stringify(before));
  return buildWorld(changed)
    .gaps.map(({ value }) => value)
    .join("\n");
};

/** The first host that has a file with a text. */
const hostWith = (path: string, part = ""): readonly [host: EmittedResource, server: EmittedResource] => {
  const found = graph.resources.find(
    ({ type, inputs }) => type === "keybuzz:machines:Host" && texts(inputs["files"])[path]?.includes(part) === true,
  );
  const server = graph.resources.find(({ type, name }) => type === SERVER && name === found?.name);
  if (found === undefined || server === undefined) throw new Error(`nobody has ${path}`);
  return [found, server];
};

test("prod, as it is, says nothing that is not understood", () => {
  expect(buildWorld(graph).gaps.filter(({ unread }) => unread === undefined)).toEqual([]);
});

/** A line that is added at the end of a file. */
const ADDED: readonly (readonly [path: string, line: string])[] = [
  ["/etc/pgbouncer/pgbouncer.ini", "client_idle_timeout = 30"],
  ["/etc/pgbouncer/pgbouncer.ini", "query_timeout = 10"],
  ["/etc/pgbouncer/pgbouncer.ini", "idle_transaction_timeout = 60"],
  ["/etc/pgbouncer/pgbouncer.ini", "auth_type = trust"],
  ["/etc/pgbouncer/pgbouncer.ini", "client_tls_sslmode = disable"],
  ["/etc/pgbouncer/pgbouncer.ini", "pool_mode = statement"],
  ["/etc/proxysql.cnf", "mysql_query_rules="],
  ["/etc/proxysql.cnf", "mysql_replication_hostgroups="],
  ["/etc/proxysql.cnf", 'restapi_enabled="true"'],
  ["/etc/redis/keybuzz.conf", "protected-mode no"],
  ["/etc/redis/keybuzz.conf", "unixsocket /run/redis.sock"],
  ["/etc/redis/keybuzz.conf", "replica-read-only no"],
  ["/etc/redis/keybuzz.conf", "rename-command CONFIG none"],
  ["/etc/redis/keybuzz.conf", "include /etc/redis/other.conf"],
  ["/etc/redis/keybuzz.conf", "tls-port 6380"],
  ["/etc/redis/keybuzz-passwords.conf", "aclfile /etc/redis/users.acl"],
  ["/etc/rabbitmq/rabbitmq.conf", "loopback_users.guest = false"],
  ["/etc/rabbitmq/rabbitmq.conf", "cluster_partition_handling = ignore"],
  ["/etc/rabbitmq/rabbitmq.conf", "proxy_protocol = true"],
  ["/etc/rabbitmq/rabbitmq.conf", "handshake_timeout = 10"],
  ["/etc/rabbitmq/rabbitmq.conf", "mqtt.listeners.tcp.default = 1883"],
  ["/etc/mysql/mariadb.conf.d/90-keybuzz.cnf", "wait_timeout = 60"],
  ["/etc/mysql/mariadb.conf.d/90-keybuzz.cnf", "skip-networking"],
  ["/etc/mysql/mariadb.conf.d/90-keybuzz.cnf", "wsrep_provider_options = pc.ignore_sb=true"],
  ["/etc/mysql/mariadb.conf.d/90-keybuzz.cnf", "extra_port = 3307"],
  ["/etc/mysql/mariadb.conf.d/90-keybuzz.cnf", "[mysqld_safe]"],
  ["/etc/default/minio", 'MINIO_OPTS="--address :9000 --ftp address=:8021"'],
  ["/etc/default/minio", "MINIO_BROWSER_REDIRECT_URL=http://example.com"],
  ["/etc/default/ufw", 'IPT_MODULES="nf_conntrack_ftp"'],
  ["/etc/default/ufw", "MANAGE_BUILTINS=yes"],
  ["/etc/ssh/sshd_config.d/10-keybuzz.conf", "PasswordAuthentication yes"],
  ["/etc/ssh/sshd_config.d/10-keybuzz.conf", "PermitRootLogin prohibit-password"],
  ["/etc/ssh/sshd_config.d/10-keybuzz.conf", "Port 2222"],
  ["/etc/ssh/sshd_config.d/10-keybuzz.conf", "GatewayPorts yes"],
  ["/etc/ssh/sshd_config.d/10-keybuzz.conf", "Match User root"],
  ["/etc/ssh/sshd_config.d/10-keybuzz.conf", "PermitOpen any"],
  ["/etc/rancher/k3s/config.yaml", "anonymous-auth: true"],
  ["/etc/rancher/k3s/config.yaml", "multi-cluster-cidr: true"],
  ["/etc/rancher/k3s/config.yaml", "disable-kube-proxy: true"],
  ["/etc/rancher/k3s/config.yaml", "flannel-iface: eth0"],
  ["/etc/patroni/config.yml", "tags: { nofailover: true }"],
  ["/etc/patroni/config.yml", "kubernetes: { namespace: default }"],
  ["/etc/qdrant/config.yaml", "gpu: { indexing: true }"],
  ["/etc/haproxy/haproxy.cfg", "    stick-table type ip size 1m"],
  ["/etc/haproxy/haproxy.cfg", "    option allbackups"],
  ["/etc/haproxy/haproxy.cfg", "    tcp-request connection reject"],
  ["/etc/haproxy/haproxy.cfg", "    balance random"],
  ["/etc/haproxy/haproxy.cfg", "    server late 10.0.0.120:5432 check disabled"],
  ["/etc/haproxy/haproxy.cfg", "    server late 10.0.0.120:5432 check weight 0"],
  ["/etc/haproxy/haproxy.cfg", "    server late 10.0.0.120:5432 check send-proxy"],
  ["/etc/haproxy/haproxy.cfg", "    server late 10.0.0.120:5432 check maxconn 1"],
  ["/etc/haproxy/haproxy.cfg", "    bind *:5432 accept-proxy"],
  ["/etc/haproxy/haproxy.cfg", "    timeout tarpit 5s"],
];

test.each(ADDED)("%s: %s", (path, line) => {
  const [host, server] = hostWith(path);
  expect(
    told(
      withFile(host.name, path, (content) => `${content}\n${line}\n`),
      host,
      server,
    ),
  ).toContain((line.trim().split(/[\s:=]/)[0] ?? line).replaceAll('"', ""));
});

/** Text of a file that is replaced. */
const CHANGED: readonly (readonly [path: string, from: string, to: string, word: string])[] = [
  ["/etc/proxysql.cnf", "max_writers=1", "max_writers=3", "max_writers = 3"],
  ["/etc/proxysql.cnf", "weight=1000", "weight=0", "weight = 0"],
  ["/etc/proxysql.cnf", "active=1", "active=0", "active = 0"],
  ["/etc/proxysql.cnf", 'mysql_ifaces="127.0.0.1:6032"', 'mysql_ifaces="0.0.0.0:6032"', "mysql_ifaces = 0.0.0.0"],
  ["/etc/proxysql.cnf", 'comment="maria-01"', 'max_latency_ms=5, comment="maria-01"', "max_latency_ms"],
  ["/etc/haproxy/haproxy.cfg", "maxconn", "unsafe-x", "unsafe-x"],
  ["/etc/patroni/config.yml", 'ssl: "on"', 'ssl: "off"', "ssl = off"],
  ["/etc/patroni/config.yml", "timezone: UTC", "idle_session_timeout: 5min", "idle_session_timeout = 5min"],
  ["/etc/patroni/config.yml", "timezone: UTC", "statement_timeout: 30s", "statement_timeout = 30s"],
  ["/etc/patroni/config.yml", "auth-host: scram-sha-256", "auth-host: trust", "auth-host = trust"],
  ["/etc/patroni/config.yml", "timezone: UTC", "port: 5433", "parameters.port = 5433"],
  ["/etc/qdrant/config.yaml", "enable_cors: false", "enable_cors: true", "enable_cors = true"],
  ["/etc/rancher/k3s/config.yaml", "flannel-backend: none", "flannel-backend: vxlan", "flannel-backend = vxlan"],
];

test.each(CHANGED)("%s: %s -> %s", (path, from, to, word) => {
  const [host, server] = hostWith(path, from);
  expect(
    told(
      withFile(host.name, path, (content) => content.replace(from, to)),
      host,
      server,
    ),
  ).toContain(word);
});

test.each([
  "/etc/ufw/before.rules",
  "/etc/haproxy/more.cfg",
  "/etc/redis/sentinel-extra.conf",
  "/etc/ssh/sshd_config.d/00-a.conf",
  "/etc/sysctl.d/99-forward.conf",
  "/etc/nginx/nginx.conf",
])("a file that a daemon reads and no model knows: %s", (path) => {
  const [host, server] = hostWith("/etc/hostname");
  const files = { ...texts(host.inputs["files"]), [path]: "anything" };
  expect(told(withInput(host.name, ["files"], files), host, server)).toContain(
    `${path}: a file of that folder which no model reads`,
  );
});

const first = (type: string, name?: RegExp): EmittedResource => {
  const found = graph.resources.find((one) => one.type === type && (name === undefined || name.test(one.name)));
  if (found === undefined) throw new Error(`no ${type}`);
  return found;
};
const CONFIG = first("kubernetes:core/v1:ConfigMap", /^ingress-nginx-config$/);
const CONTROLLER = first("kubernetes:apps/v1:DaemonSet", /^ingress-nginx/);
const INGRESS = first("kubernetes:networking.k8s.io/v1:Ingress");
const SERVICE = first("kubernetes:core/v1:Service");
const DEPLOYMENT = first("kubernetes:apps/v1:Deployment");
const INSTALLATION = first("kubernetes:operator.tigera.io/v1:Installation");
const FELIX = first("kubernetes:crd.projectcalico.org/v1:FelixConfiguration");
const NAMESPACE = first("kubernetes:core/v1:Namespace");

const FIELDS: readonly (readonly [
  EmittedResource,
  path: readonly (string | number)[],
  value: unknown,
  told: string,
])[] = [
  [CONFIG, ["data", "use-proxy-protocol"], "true", "use-proxy-protocol"],
  [CONFIG, ["data", "server-snippet"], "return 403;", "server-snippet"],
  [CONFIG, ["data", "http-snippet"], "deny all;", "http-snippet"],
  [CONFIG, ["data", "proxy-raed-timeout"], "600", "proxy-raed-timeout"],
  [CONFIG, ["data", "allow-snippet-annotations"], "true", "allow-snippet-annotations"],
  [CONFIG, ["data", "denylist-source-range"], "0.0.0.0/0", "denylist-source-range"],
  [CONFIG, ["data", "limit-rate"], "1", "limit-rate"],
  [
    CONTROLLER,
    ["spec", "template", "spec", "containers", 0, "args", 1],
    "--tcp-services-configmap=a/b",
    "--tcp-services",
  ],
  [CONTROLLER, ["spec", "template", "spec", "containers", 0, "args", 1], "--watch-namespace=a", "--watch-namespace"],
  [CONTROLLER, ["spec", "template", "spec", "containers", 0, "args", 1], "--enable-ssl-passthrough", "passthrough"],
  [
    INGRESS,
    ["metadata", "annotations", "nginx.org/proxy-read-timeout"],
    "600s",
    "annotation nginx.org/proxy-read-timeout",
  ],
  [INGRESS, ["metadata", "annotations", "haproxy.org/timeout-server"], "1s", "haproxy.org/timeout-server"],
  [INGRESS, ["metadata", "annotations", "traefik.ingress.kubernetes.io/router.tls"], "true", "traefik"],
  [INGRESS, ["metadata", "annotations", "cert-manager.io/cluster-issuer"], "x", "cert-manager.io"],
  [
    INGRESS,
    ["metadata", "annotations", "ingress.kubernetes.io/rewrite-target"],
    "/",
    "ingress.kubernetes.io/rewrite-target",
  ],
  [INGRESS, ["spec", "tls"], [{ hosts: ["a"], secretName: "b" }], "spec.tls"],
  [INGRESS, ["spec", "defaultBackend"], { service: { name: "a", port: { number: 1 } } }, "spec.defaultBackend"],
  [SERVICE, ["spec", "sessionAffinity"], "ClientIP", "sessionAffinity = ClientIP"],
  [SERVICE, ["spec", "externalIPs"], ["203.0.113.9"], "externalIPs"],
  [SERVICE, ["spec", "internalTrafficPolicy"], "Local", "internalTrafficPolicy = Local"],
  [SERVICE, ["spec", "type"], "LoadBalancer", "type = LoadBalancer"],
  [SERVICE, ["metadata", "annotations", "load-balancer.hetzner.cloud/location"], "fsn1", "load-balancer.hetzner.cloud"],
  [DEPLOYMENT, ["spec", "template", "spec", "hostAliases"], [{ ip: "10.0.0.1", hostnames: ["a"] }], "hostAliases"],
  [DEPLOYMENT, ["spec", "template", "spec", "dnsConfig"], { nameservers: ["1.1.1.1"] }, "dnsConfig"],
  [DEPLOYMENT, ["spec", "template", "spec", "runtimeClassName"], "kata", "runtimeClassName"],
  [
    DEPLOYMENT,
    ["spec", "template", "metadata", "annotations", "cni.projectcalico.org/ipAddrs"],
    "[]",
    "cni.projectcalico.org",
  ],
  [NAMESPACE, ["metadata", "annotations", "cni.projectcalico.org/ipv4pools"], "[]", "cni.projectcalico.org/ipv4pools"],
  [INSTALLATION, ["spec", "calicoNetwork", "linuxDataplane"], "BPF", "linuxDataplane = BPF"],
  [INSTALLATION, ["spec", "calicoNetwork", "bgp"], "Enabled", "bgp = Enabled"],
  [INSTALLATION, ["spec", "calicoNetwork", "multiInterfaceMode"], "Multus", "multiInterfaceMode"],
  [INSTALLATION, ["spec", "calicoNetwork", "ipPools", 0, "nodeSelector"], "role == 'a'", "nodeSelector"],
  [INSTALLATION, ["spec", "typhaAffinity"], { a: 1 }, "typhaAffinity"],
  [FELIX, ["spec", "failsafeInboundHostPorts"], [{ protocol: "tcp", port: 1 }], "failsafeInboundHostPorts"],
  [FELIX, ["spec", "wireguardEnabled"], true, "wireguardEnabled"],
  [FELIX, ["spec", "iptablesRefreshInterval"], "0s", "iptablesRefreshInterval"],
  [FELIX, ["spec", "policySyncPathPrefix"], "/x", "policySyncPathPrefix"],
];

test.each(
  FIELDS.map(
    ([resource, path, value, word]) => [`${resource.name} ${path.join(".")}`, resource, path, value, word] as const,
  ),
)("%s", (_, resource, path, value, word) => {
  expect(told(withInput(resource.name, path, value), resource, ...(resource === CONFIG ? [CONTROLLER] : []))).toContain(
    word,
  );
});

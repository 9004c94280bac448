import type { HaproxyService } from "../../balancing/haproxyService";
import { HAPROXY_CHECK } from "../../balancing/haproxyListener";
import type { HostConfigPart } from "../../machines/hostConfig";
import type { SecretLedger } from "../../secrets/secretLedger";
import type { HostRef, Hosts, LoadBalancer, Party } from "../../topology/party";
import type { Address, Endpoint, Topology } from "../../topology/topology";
import { assertNoProblems, quorumProblems } from "../quorum";
import type { ServiceImage } from "../serviceImage";
import {
  AMQP_PORT,
  EPMD_PORT,
  ERLANG_PORT,
  RABBIT_CLI_PORTS,
  RABBIT_MANAGEMENT_PORT,
  RABBIT_METRICS_PORT,
  rabbitAdvancedConfig,
  rabbitConfig,
  rabbitEnvironment,
  rabbitRetireScript,
  rabbitVhostsScript,
  type RabbitVhost,
} from "./rabbitConfig";
import type { ClusterJob, DataService } from "../dataService";
import { rabbitPackages } from "./rabbitPackages";
import { rabbitRevival } from "./rabbitRevival";
import { rabbitRolling } from "./rabbitRolling";
import type { RollingRestart } from "../rollingRestart";
import { memberOf } from "../serviceHosts";

/** Longer than two heartbeats of 30 s, with which both ends notice a dead peer first. */
const IDLE_TIMEOUT_SECONDS = 300;
/** Not ending in _b: that is the second user of another. */
const NAME = /^(?!.*_b$)[a-z][a-z0-9_-]{0,62}$/;
const PATHS = {
  config: "/etc/rabbitmq/rabbitmq.conf",
  advanced: "/etc/rabbitmq/advanced.config",
  environment: "/etc/rabbitmq/rabbitmq-env.conf",
  plugins: "/etc/rabbitmq/enabled_plugins",
  cookie: "/var/lib/rabbitmq/.erlang.cookie",
} as const;

export interface RabbitServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** The members: one, or an odd number from three. */
  readonly hosts: Hosts;
  readonly haproxy: HaproxyService;
  readonly loadBalancer: LoadBalancer;
  /** Of the load balancer and HAProxy. Default 5672. */
  readonly port?: number;
  /** Virtual CPUs of the smallest member. */
  readonly cores: number;
  readonly image: ServiceImage;
}

/** How a consumer reaches the broker. `password` is a secret placeholder, and so is what is in `url`. */
export interface RabbitAccess {
  readonly host: string;
  readonly port: number;
  readonly vhost: string;
  readonly username: string;
  readonly password: string;
  readonly address: Address;
  /** amqp://user:password@host:port/vhost */
  readonly url: string;
}

/** RabbitMQ as one cluster; every queue is a quorum queue unless its consumer says otherwise. */
export class RabbitService implements DataService {
  readonly token = "RabbitCluster";
  readonly name = "rabbitmq";
  readonly hosts: Hosts;
  readonly #args: RabbitServiceArgs;
  readonly #amqp: Endpoint;
  readonly #metrics: Endpoint;
  readonly #vhosts = new Map<string, RabbitVhost>();
  readonly #cookie: string;

  constructor(args: RabbitServiceArgs) {
    const { topology, secrets, hosts, haproxy, loadBalancer: lb } = args;
    assertNoProblems(
      "rabbitmq",
      quorumProblems("rabbitmq.hosts", hosts.hosts, { kind: "majority", voter: "quorum queues" }),
    );
    this.#args = args;
    this.hosts = hosts;
    this.#cookie = secrets.generated("rabbitmq/erlang-cookie");
    topology.mesh(hosts, { id: "rabbitmq/epmd", port: EPMD_PORT }, "RabbitMQ nodes find each other");
    topology.mesh(hosts, { id: "rabbitmq/erlang", port: ERLANG_PORT }, "RabbitMQ nodes replicate");
    for (const port of RABBIT_CLI_PORTS)
      topology.mesh(hosts, { id: `rabbitmq/cli-${port}`, port }, "RabbitMQ nodes answer rabbitmqctl of another");
    topology.mesh(hosts, { id: "rabbitmq/management", port: RABBIT_MANAGEMENT_PORT }, "RabbitMQ nodes' management");
    this.#metrics = topology.endpoint({
      id: "rabbitmq/metrics",
      provider: hosts,
      port: RABBIT_METRICS_PORT,
      protocol: "tcp",
    });
    const member = topology.endpoint({ id: "rabbitmq/member", provider: hosts, port: AMQP_PORT, protocol: "tcp" });
    this.#amqp = haproxy.publish({
      id: "rabbitmq/amqp",
      lb,
      port: args.port ?? 5672,
      backend: member,
      healthCheck: { kind: "tcp", port: AMQP_PORT, ...HAPROXY_CHECK },
      idleTimeoutSeconds: IDLE_TIMEOUT_SECONDS,
      noticedWithinSeconds: 6,
    });
  }

  /** A virtual host and a user of its own for an application; asking again gives the same. */
  vhost(consumer: Party, request: { readonly name: string; readonly purpose: string }): RabbitAccess {
    const { name, purpose } = request;
    if (!NAME.test(name)) {
      throw new Error(
        `rabbitmq.vhosts[${name}]: found "${name}"; allowed: 1-63 lower-case letters, digits, "-" and "_", beginning with a letter, not ending in _b; fix: choose the application's name`,
      );
    }
    const account = this.#args.secrets.account(`rabbitmq/${name}`, name);
    const { user: username, password } = account;
    this.#vhosts.set(name, { name, ...account });
    const address = this.#args.topology.connect(consumer, this.#amqp, purpose);
    const { host, port } = address;
    return {
      host,
      port,
      vhost: name,
      username,
      password,
      address,
      url: `amqp://${username}:${password}@${host}:${port}/${name}`,
    };
  }

  /** Where a monitoring system reads metrics: one address per member. */
  metrics(consumer: Party, purpose: string): readonly Address[] {
    this.#args.topology.allow(consumer, this.#metrics, purpose);
    return this.hosts.hosts.map(({ address }) => ({
      host: address,
      port: RABBIT_METRICS_PORT,
      endpoint: this.#metrics,
    }));
  }

  get vhosts(): readonly RabbitVhost[] {
    return [...this.#vhosts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** One after the other. */
  rolling(): RollingRestart {
    return rabbitRolling(this.hosts.hosts);
  }

  /** Virtual hosts and users. */
  clusterJob(): ClusterJob {
    return { makes: "accounts", script: rabbitVhostsScript(this.vhosts) };
  }

  retireScript(): string | undefined {
    const retired = this.vhosts.flatMap((vhost) => vhost.retired ?? []);
    return retired.length === 0 ? undefined : rabbitRetireScript(retired);
  }

  fragment(host: HostRef): HostConfigPart {
    const member = memberOf("rabbitmq", this.hosts, host);
    const owner = { owner: "rabbitmq", group: "rabbitmq" };
    const revival = rabbitRevival(member, this.hosts.hosts);
    return {
      ...revival,
      ...rabbitPackages(this.#args.image),
      sysctl: [{ key: "net.ipv4.ip_nonlocal_bind", value: 1 }],
      files: [
        ...(revival.files ?? []),
        { path: PATHS.config, content: rabbitConfig(member, this.hosts.hosts), ...owner, mode: "0640" },
        { path: PATHS.advanced, content: rabbitAdvancedConfig(), ...owner, mode: "0640" },
        { path: PATHS.environment, content: rabbitEnvironment(member, this.#args.cores), ...owner, mode: "0640" },
        { path: PATHS.plugins, content: "[rabbitmq_management,rabbitmq_prometheus].\n", ...owner, mode: "0640" },
        // All nodes of a cluster share it; whoever has it may do anything.
        { path: PATHS.cookie, content: this.#cookie, ...owner, mode: "0400", secret: true },
      ],
      units: [
        {
          name: "rabbitmq-server.service",
          // The first start waits for the other members.
          dropIns: { keybuzz: "[Service]\nTimeoutStartSec=900\nRestart=always\n" },
          enabled: true,
          state: "running",
          restartOn: Object.values(PATHS),
          restart: "inTurn",
          waitsForPeers: this.hosts.hosts.length > 1,
        },
      ],
      joined: [
        {
          id: "rabbitmq-running",
          command: "rabbitmq-diagnostics -q check_running",
          // As long as its unit may take to start.
          attempts: 180,
          intervalSeconds: 5,
          remedy:
            "rabbitmqctl cluster_status and journalctl -u rabbitmq-server show whether it waits for other members",
        },
      ],
    };
  }
}

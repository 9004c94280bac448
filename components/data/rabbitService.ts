import type { HaproxyService } from "../balancing/haproxyService";
import { HAPROXY_CHECK } from "../balancing/haproxyListener";
import type { SecretLedger } from "../secrets/secretLedger";
import type { Hosts, LoadBalancer, Party } from "../topology/party";
import type { Address, Endpoint, Topology } from "../topology/topology";
import { assertNoProblems, quorumProblems } from "./quorum";

export const AMQP_PORT = 5672;
/** Ports between members (rabbitmq.com, Networking): epmd, and Erlang's distribution at 20000 + AMQP. */
export const EPMD_PORT = 4369;
export const DISTRIBUTION_PORT = 25672;
/** Management UI and HTTP API, on the private network only. */
export const MANAGEMENT_PORT = 15672;

/** AMQP heartbeats come every 60 s by default; silence for much longer is a dead peer. */
const IDLE_TIMEOUT_SECONDS = 600;
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

export interface RabbitServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** The members: one, or an odd number from three. */
  readonly hosts: Hosts;
  readonly haproxy: HaproxyService;
  readonly loadBalancer: LoadBalancer;
  /** Of the load balancer and HAProxy. Default 5672. */
  readonly port?: number;
}

/** A virtual host and the user of the same name that owns it. */
export interface RabbitVhost {
  readonly name: string;
  readonly user: string;
  /** Placeholder. */
  readonly password: string;
}

export interface RabbitAccess {
  readonly address: Address;
  /** "amqp://user:password@host:port/vhost" */
  readonly url: string;
}

/** RabbitMQ with quorum queues; one virtual host and one user for each consumer. */
export class RabbitService {
  readonly hosts: Hosts;
  readonly #args: RabbitServiceArgs;
  readonly #amqp: Endpoint;
  readonly #vhosts = new Map<string, RabbitVhost>();

  constructor(args: RabbitServiceArgs) {
    const { topology, hosts, haproxy, loadBalancer: lb } = args;
    assertNoProblems(
      "rabbitmq",
      quorumProblems("rabbitmq.hosts", hosts.hosts, { kind: "majority", voter: "quorum queues" }),
    );
    this.#args = args;
    this.hosts = hosts;
    topology.mesh(hosts, { id: "rabbitmq/epmd", port: EPMD_PORT }, "RabbitMQ members find each other");
    topology.mesh(hosts, { id: "rabbitmq/distribution", port: DISTRIBUTION_PORT }, "RabbitMQ members replicate");
    const member = topology.endpoint({ id: "rabbitmq/member", provider: hosts, port: AMQP_PORT, protocol: "tcp" });
    this.#amqp = haproxy.publish({
      id: "rabbitmq/amqp",
      lb,
      port: args.port ?? AMQP_PORT,
      backend: member,
      healthCheck: { kind: "tcp", port: AMQP_PORT, ...HAPROXY_CHECK },
      idleTimeoutSeconds: IDLE_TIMEOUT_SECONDS,
    });
  }

  /** A virtual host for a consumer, its user, and the way to it. */
  vhost(consumer: Party, want: { readonly name: string; readonly purpose: string }): RabbitAccess {
    const { name, purpose } = want;
    if (!NAME.test(name)) {
      throw new Error(
        `rabbitmq.vhosts[${name}].name: found "${name}"; allowed: lower-case letters, digits and hyphens; fix: choose the consumer's name`,
      );
    }
    const password = this.#args.secrets.generated(`rabbitmq/${name}`);
    this.#vhosts.set(name, { name, user: name, password });
    const address = this.#args.topology.connect(consumer, this.#amqp, purpose);
    return { address, url: `amqp://${name}:${password}@${address.host}:${address.port}/${name}` };
  }

  /** Every virtual host that was asked for, by name. */
  get vhosts(): readonly RabbitVhost[] {
    return [...this.#vhosts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { HealthCheck } from "../topology/healthCheck";
import type { Listener } from "../topology/topology";
import type { PrivateNetwork } from "./privateNetwork";

export interface LoadBalancerArgs {
  readonly address: string;
  readonly type: string;
  readonly location: string;
  /** Reached from the internet? Otherwise the public interface is switched off. */
  readonly public: boolean;
  /** Its ports: Topology.listenersOn(this balancer). */
  readonly listeners: readonly Listener[];
  /** Servers by host name; a Hetzner balancer sends every service to all of them. */
  readonly targets: ReadonlyMap<string, hcloud.Server>;
  /** Ids of certificates for the https listeners. Default: none. */
  readonly certificateIds?: readonly pulumi.Input<number>[];
  readonly network: PrivateNetwork;
  readonly labels: Readonly<Record<string, string>>;
  readonly protect: boolean;
}

/** A Hetzner load balancer with its services and targets, all over the private network. */
export class LoadBalancer extends pulumi.ComponentResource {
  readonly loadBalancer: hcloud.LoadBalancer;
  /** Public IPv4 address. Meaningful only where `public`. */
  readonly ipv4: pulumi.Output<string>;
  /** Resources to wait for before its address answers. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:network:LoadBalancer", name, {}, opts);
    this.loadBalancer = new hcloud.LoadBalancer(
      name,
      {
        name,
        loadBalancerType: args.type,
        location: args.location,
        algorithm: { type: "least_connections" },
        labels: { ...args.labels },
        deleteProtection: args.protect,
      },
      { parent: this, protect: args.protect },
    );
    this.ipv4 = this.loadBalancer.ipv4;
    const loadBalancerId = this.loadBalancer.id.apply(Number);
    const attachment = new hcloud.LoadBalancerNetwork(
      `${name}-network`,
      { loadBalancerId, networkId: args.network.networkId, ip: args.address, enablePublicInterface: args.public },
      // A balancer is in a network once: a second attachment is taken for the first, and then goes with it.
      { parent: this, dependsOn: args.network.subnet, deleteBeforeReplace: true },
    );
    // A private target needs the network attachments of both ends (docs/reference/hetzner.md).
    const targets = [...args.targets].map(
      ([host, server]) =>
        new hcloud.LoadBalancerTarget(
          `${name}-target-${host}`,
          { type: "server", loadBalancerId, serverId: server.id.apply(Number), usePrivateIp: true },
          {
            parent: this,
            dependsOn: [attachment, server],
            // Private targets go with the attachment, and a balancer has a server for target once.
            replaceWith: [attachment],
            deleteBeforeReplace: true,
          },
        ),
    );
    const services = args.listeners.map(
      (listener) =>
        new hcloud.LoadBalancerService(
          `${name}-service-${listener.endpoint.port}`,
          { loadBalancerId: this.loadBalancer.id, ...serviceInputs(listener, args.certificateIds ?? []) },
          { parent: this, dependsOn: attachment },
        ),
    );
    this.ready = [...targets, ...services];
    this.registerOutputs({ ipv4: this.ipv4 });
  }
}

function serviceInputs(
  listener: Listener,
  certificates: readonly pulumi.Input<number>[],
): Omit<hcloud.LoadBalancerServiceArgs, "loadBalancerId"> {
  const common = {
    listenPort: listener.endpoint.port,
    destinationPort: listener.backend.port,
    proxyprotocol: false,
    healthCheck: healthCheckInputs(listener.healthCheck),
  };
  switch (listener.mode) {
    case "tcp":
      return { protocol: "tcp", ...common };
    case "https":
      return {
        protocol: "https",
        ...common,
        http: {
          certificates: [...certificates],
          redirectHttp: true,
          ...(listener.idleTimeoutSeconds === undefined ? {} : { timeoutIdle: listener.idleTimeoutSeconds }),
        },
      };
  }
}

function healthCheckInputs(check: HealthCheck): hcloud.types.input.LoadBalancerServiceHealthCheck {
  const timing = {
    port: check.port,
    interval: check.intervalSeconds,
    timeout: check.timeoutSeconds,
    retries: check.retries,
  };
  switch (check.kind) {
    case "tcp":
      return { protocol: "tcp", ...timing };
    case "http":
      return {
        protocol: "http",
        ...timing,
        http: {
          ...(check.host === undefined ? {} : { domain: check.host }),
          path: check.path,
          statusCodes: check.statuses.map(String),
          tls: check.tls ?? false,
        },
      };
    case "redisPrimary":
    case "postgres":
    case "mysql":
      throw new Error(
        `a Hetzner load balancer cannot make a "${check.kind}" check; check a proxy's HTTP monitor instead`,
      );
  }
}

import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

export interface PrivateNetworkArgs {
  /** E.g. "10.0.0.0/16". */
  readonly networkCidr: string;
  /** Where hosts and load balancers are; within networkCidr. */
  readonly subnetCidr: string;
  readonly networkZone: string;
  /** Private address of the host that passes the others' traffic on to the internet. */
  readonly natGateway: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Refuse deletion, in Pulumi and at Hetzner. */
  readonly protect: boolean;
}

/**
 * The network that all hosts and load balancers live in. Hetzner does not filter inside it, so every host has
 * a firewall of its own. Hosts have no public interface: what they need from outside (packages, images, time)
 * goes through the NAT gateway.
 */
export class PrivateNetwork extends pulumi.ComponentResource {
  /** Numeric, as hcloud's inputs want it. */
  readonly networkId: pulumi.Output<number>;
  /** Whatever gets an address on the network waits for this. */
  readonly subnet: hcloud.NetworkSubnet;
  /** Whoever needs something from outside waits for this, and for the NAT gateway. */
  readonly route: hcloud.NetworkRoute;

  constructor(name: string, args: PrivateNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:network:PrivateNetwork", name, {}, opts);
    const network = new hcloud.Network(
      name,
      { name, ipRange: args.networkCidr, labels: { ...args.labels }, deleteProtection: args.protect },
      { parent: this, protect: args.protect },
    );
    this.networkId = network.id.apply(Number);
    this.subnet = new hcloud.NetworkSubnet(
      `${name}-subnet`,
      { networkId: this.networkId, type: "cloud", networkZone: args.networkZone, ipRange: args.subnetCidr },
      { parent: this, protect: args.protect },
    );
    this.route = new hcloud.NetworkRoute(
      `${name}-nat`,
      { networkId: this.networkId, destination: "0.0.0.0/0", gateway: args.natGateway },
      // Two routes to the same destination cannot be: Hetzner refuses the second.
      { parent: this, dependsOn: this.subnet, deleteBeforeReplace: true },
    );
    this.registerOutputs({ networkId: this.networkId });
  }
}

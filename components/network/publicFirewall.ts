import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { CloudRule } from "../topology/cloudRules";

export interface PublicFirewallArgs {
  /** Derived from the flows: cloudRules(topology, group). None drops everything. */
  readonly rules: readonly CloudRule[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Hetzner's firewall in front of a public interface. Inbound only: the filter inside the private network is
 * each host's own.
 */
export class PublicFirewall extends pulumi.ComponentResource {
  readonly firewallId: pulumi.Output<number>;

  constructor(name: string, args: PublicFirewallArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:network:PublicFirewall", name, {}, opts);
    const firewall = new hcloud.Firewall(
      name,
      {
        name,
        labels: { ...args.labels },
        rules: args.rules.map((rule) => ({
          direction: "in",
          protocol: rule.protocol,
          port: String(rule.port),
          sourceIps: [...rule.sourceCidrs],
          description: rule.description,
        })),
      },
      { parent: this },
    );
    this.firewallId = firewall.id.apply(Number);
    this.registerOutputs({ firewallId: this.firewallId });
  }
}

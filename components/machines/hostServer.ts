import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { cloudInit } from "./cloudInit";
import type { HostPlan } from "./hostPlan";
import type { MachineContext } from "./machineContext";

export interface HostServerArgs {
  readonly plan: HostPlan;
  readonly machines: MachineContext;
  /** Set where the plan says public. */
  readonly publicIp: hcloud.PrimaryIp | undefined;
  readonly placementGroup: hcloud.PlacementGroup | undefined;
  readonly options: {
    readonly parent: pulumi.Resource;
    /** Besides the network and the key. */
    readonly dependsOn: readonly pulumi.Resource[];
    readonly hooks?: pulumi.ResourceHookBinding;
  };
}

/** The server of a machine: at Hetzner, and switched on. */
export function hostServer({ plan, machines, publicIp, placementGroup, options }: HostServerArgs): hcloud.Server {
  const { deployKey, network, publicFirewallId, sshUser, gateway, networkCidr, labels } = machines;
  const guarded = plan.stateful && machines.isProtected(plan.name);
  return new hcloud.Server(
    plan.name,
    {
      name: plan.name,
      serverType: plan.serverType,
      image: plan.image,
      location: plan.location,
      labels: { ...labels, group: plan.group, ...plan.labels },
      sshKeys: [deployKey.sshKeyName],
      // Both keys of a rotation: the first contact is the same for a machine that was made before it.
      userData: pulumi.all([deployKey.publicKey, deployKey.former?.publicKey ?? deployKey.publicKey]).apply((keys) =>
        cloudInit({
          hostname: plan.name,
          sshUser,
          authorizedKeys: keys,
          networkCidr,
          ...(plan.public ? {} : { gateway }),
        }),
      ),
      publicNets: [
        publicIp === undefined
          ? { ipv4Enabled: false, ipv6Enabled: false }
          : { ipv4Enabled: true, ipv4: publicIp.id.apply(Number), ipv6Enabled: false },
      ],
      networks: [{ networkId: network.networkId, ip: plan.address, aliasIps: [] }],
      ...(placementGroup === undefined ? {} : { placementGroupId: placementGroup.id.apply(Number) }),
      ...(plan.public && publicFirewallId !== undefined ? { firewallIds: [publicFirewallId] } : {}),
      shutdownBeforeDeletion: true,
      deleteProtection: guarded,
      rebuildProtection: guarded,
    },
    {
      ...options,
      protect: guarded,
      dependsOn: [network.subnet, deployKey.sshKey, ...options.dependsOn],
      // A change of these replaces the server; a new image or key is no reason to lose a machine. Keys of machines that
      // are there are a file of their configuration.
      ignoreChanges: ["userData", "sshKeys", "image"],
    },
  );
}

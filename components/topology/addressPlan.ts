/** The networks that an estate's addresses come from. All CIDRs are IPv4. */
export interface AddressPlan {
  /** The Hetzner network, e.g. 10.0.0.0/16. */
  readonly networkCidr: string;
  /** Everything that Kubernetes gives to pods and tunnels: K3s' cluster-cidr, e.g. 10.233.64.0/18. */
  readonly podCidr: string;
  /** Part of podCidr that pods get: a Calico IPPool of its own. */
  readonly workloadPoolCidr: string;
  /**
   * Part of podCidr that the nodes' VXLAN interfaces get: a Calico IPPool with allowedUses [Tunnel]. A process
   * on a node (such as the hostNetwork ingress) has its address from here when it talks to a pod on another
   * node, so filters can tell nodes from pods.
   */
  readonly tunnelPoolCidr: string;
  /** Kubernetes Services, e.g. 10.233.0.0/18. */
  readonly serviceCidr: string;
}

import type { Finding } from "../finding";
import type { PodNetwork } from "../read/cluster";

/** What Hetzner's private networks carry, in bytes (docs.hetzner.com, Networks, FAQ). */
const PRIVATE_NETWORK_BYTES = 1450;
/** What VXLAN adds to each packet (docs.tigera.io, Configure MTU). */
const VXLAN_BYTES = 50;
const LARGEST = PRIVATE_NETWORK_BYTES - VXLAN_BYTES;

/** Does the pod network carry whole packets, by the one way that is open between nodes, past the policies? */
export function checkPodNetwork(network: PodNetwork | undefined): readonly Finding[] {
  if (network === undefined) return [];
  const wrong = (at: string, rule: string, value: string, remedy: string): Finding => ({
    question: "sound",
    subject: "the pod network",
    at,
    rule,
    value,
    remedy,
  });
  const { mtu, encapsulations, insertMode } = network;
  return [
    ...(mtu !== undefined && mtu <= LARGEST
      ? []
      : [
          wrong(
            "Installation, calicoNetwork.mtu",
            `${LARGEST} bytes or fewer`,
            `${mtu ?? "guessed from the nodes' interfaces"}: with VXLAN's ${VXLAN_BYTES} a full packet is larger than the ${PRIVATE_NETWORK_BYTES} of the private network, and is lost; small ones pass`,
            `set it to ${LARGEST}`,
          ),
        ]),
    ...[...encapsulations]
      .filter(([, encapsulation]) => encapsulation !== "VXLAN")
      .map(([pool, encapsulation]) =>
        wrong(
          `IPPool ${pool}`,
          "encapsulation: VXLAN",
          `${encapsulation}: Hetzner's networks know no way to a pod's address, and nodes let in 4789/udp alone`,
          "set it to VXLAN",
        ),
      ),
    ...(insertMode === "Insert"
      ? []
      : [
          wrong(
            "FelixConfiguration, chainInsertMode",
            "Insert",
            `${insertMode}: UFW's chains accept what is forwarded before any NetworkPolicy is asked`,
            "set it to Insert",
          ),
        ]),
  ];
}

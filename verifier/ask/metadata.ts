import type { Finding } from "../finding";
import type { Cluster } from "../read/cluster";
import { includes } from "../read/range";

/** 169.254.169.254: what a cloud tells each machine of itself, with what it was made from (docs.hetzner.cloud, server metadata). */
const METADATA = 0xa9fea9fe;

/** Whatever comes out to the internet stays away from what the cloud tells the machine that it runs on. */
export function checkMetadata({ policies }: Cluster): readonly Finding[] {
  return policies.all
    .flatMap(({ egress }) => egress)
    .flatMap(({ label, peers }): readonly Finding[] => {
      const open =
        peers.length === 0 ||
        peers.some(
          (peer) =>
            peer.kind === "block" &&
            includes(peer.range, METADATA) &&
            !peer.except.some((range) => includes(range, METADATA)),
        );
      if (!open) return [];
      return [
        {
          question: "closed",
          subject: "pods -> 169.254.169.254",
          at: label,
          rule: "ipBlock.except",
          value: "pods reach the cloud's metadata of the node that they run on",
          remedy: "add 169.254.0.0/16 to the exceptions",
        },
      ];
    });
}

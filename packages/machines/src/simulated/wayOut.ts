import { z } from "zod";
import type { CloudSnapshot, MachineSpec } from "../machines";

const Networks = z.array(
  z.object({ id: z.number(), routes: z.array(z.object({ destination: z.string(), gateway: z.string() })) }),
);

/** What a gateway is, of a machine. */
interface Neighbour {
  readonly spec: MachineSpec;
  readonly reachable: boolean;
  readonly disk: { readonly state: { readonly sysctl: Readonly<Record<string, string>> } };
}

/**
 * Why a machine reaches nothing outside; undefined where it does. Without a public address it is where its network's
 * default route leads: to a neighbour that has one and passes on what others send.
 */
export function noWayOut(
  spec: MachineSpec,
  snapshot: CloudSnapshot,
  neighbour: (address: string, networkId: number) => Neighbour | undefined,
): string | undefined {
  if (spec.publicIpv4 !== undefined) return undefined;
  const networks = Networks.parse(snapshot["networks"] ?? []);
  const reasons = spec.privateAddresses.map(({ networkId }) => {
    const routes = networks.find(({ id }) => id === networkId)?.routes ?? [];
    const gateway = routes.find(({ destination }) => destination === "0.0.0.0/0")?.gateway;
    if (gateway === undefined) return `network ${networkId} has no default route`;
    const next = neighbour(gateway, networkId);
    if (next?.reachable !== true) return `nobody answers at ${gateway}, where the default route leads`;
    if (next.spec.publicIpv4 === undefined) return `${next.spec.name}, where the default route leads, has no way out`;
    return next.disk.state.sysctl["net.ipv4.ip_forward"] === "1"
      ? undefined
      : `${next.spec.name}, where the default route leads, passes nothing on`;
  });
  return reasons.includes(undefined) ? undefined : (reasons[0] ?? "it is in no network");
}

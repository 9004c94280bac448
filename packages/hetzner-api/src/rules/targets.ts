import { z } from "zod";
import { limitExceeded, refused } from "../http/apiError";
import type { LoadBalancerType } from "../model/catalog";
import { requireRow, type CloudContext } from "../model/context";
import type { LoadBalancerRow, LoadBalancerTarget, ServerRow } from "../model/rows";
import { id } from "./body";
import { compileSelector } from "./labels";

export const targetBody = z
  .object({
    type: z.enum(["server", "label_selector", "ip"]),
    server: z.object({ id }).optional(),
    label_selector: z.object({ selector: z.string().min(1).max(1000) }).optional(),
    ip: z.object({ ip: z.union([z.ipv4(), z.ipv6()]) }).optional(),
    use_private_ip: z.boolean().nullish(),
  })
  .superRefine((target, context) => {
    if (target[target.type] === undefined)
      context.addIssue({ code: "custom", path: [target.type], message: `is needed for type ${target.type}` });
  });
export type TargetBody = z.infer<typeof targetBody>;

/** @throws ApiError ip_not_owned */
export function toTarget(wish: TargetBody): LoadBalancerTarget {
  const usePrivateIp = wish.use_private_ip ?? false;
  if (wish.type === "server" && wish.server !== undefined)
    return { type: "server", server: wish.server, use_private_ip: usePrivateIp };
  if (wish.type === "label_selector" && wish.label_selector !== undefined)
    return { type: "label_selector", label_selector: wish.label_selector, use_private_ip: usePrivateIp };
  // Only dedicated (Robot) servers of the same customer may be IP targets, and the local cloud has none.
  throw refused("ip_not_owned", `${String(wish.ip?.ip)} is not the address of a dedicated server of this account`);
}

export const sameTarget = (a: LoadBalancerTarget, b: LoadBalancerTarget): boolean =>
  (a.type === "server" && b.type === "server" && a.server.id === b.server.id) ||
  (a.type === "label_selector" &&
    b.type === "label_selector" &&
    a.label_selector.selector === b.label_selector.selector);

/** The servers behind a target. Selector targets skip, as Hetzner does, servers they cannot reach privately. */
export function serversBehind(cloud: CloudContext, balancer: LoadBalancerRow, target: LoadBalancerTarget): ServerRow[] {
  if (target.type === "server") return [cloud.store.get("server", target.server.id)].flatMap((row) => row ?? []);
  const matches = compileSelector(target.label_selector.selector, "label_selector.selector");
  return cloud.store
    .list("server")
    .filter((server) => matches(server.labels))
    .filter((server) => !target.use_private_ip || sharesNetwork(balancer, server));
}

const sharesNetwork = (balancer: LoadBalancerRow, server: ServerRow): boolean =>
  balancer.privateNet.some((net) => server.privateNet.some((other) => other.network === net.network));

/** @throws ApiError */
export function addTarget(
  cloud: CloudContext,
  balancer: LoadBalancerRow,
  type: LoadBalancerType,
  target: LoadBalancerTarget,
): LoadBalancerRow {
  if (balancer.targets.some((other) => sameTarget(other, target)))
    throw refused("target_already_defined", "the load balancer has this target already");
  if (!target.use_private_ip && !balancer.publicEnabled) {
    throw refused(
      "targets_without_use_private_ip",
      "the load balancer has no public interface, its targets need use_private_ip",
    );
  }
  if (target.use_private_ip && balancer.privateNet.length === 0) {
    throw refused(
      "load_balancer_not_attached_to_network",
      `load balancer ${balancer.id} is attached to no network, use_private_ip is not possible`,
    );
  }
  if (target.type === "server") {
    const server = requireRow(cloud, "server", target.server.id);
    if (target.use_private_ip && !sharesNetwork(balancer, server)) {
      throw refused(
        "server_not_attached_to_network",
        `server ${server.id} is not attached to the network of load balancer ${balancer.id}`,
      );
    }
  } else {
    compileSelector(target.label_selector.selector, "label_selector.selector");
  }
  const next = { ...balancer, targets: [...balancer.targets, target] };
  requireTargetRoom(cloud, next, type);
  return next;
}

/** @throws ApiError resource_limit_exceeded */
export function requireTargetRoom(cloud: CloudContext, balancer: LoadBalancerRow, type: LoadBalancerType): void {
  const count = balancer.targets.reduce(
    (sum, target) => sum + Math.max(1, serversBehind(cloud, balancer, target).length),
    0,
  );
  if (count > type.max_targets) throw limitExceeded(`targets of a ${type.name}`, type.max_targets);
}

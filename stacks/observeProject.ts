import { z } from "zod";
import { askAll, type ApiAccess } from "./askHetzner";

const named = z.object({ name: z.string(), labels: z.record(z.string(), z.string()) });
const inNetwork = z.array(z.object({ network: z.number(), ip: z.string() }));
const place = z.object({ name: z.string() });

const server = named.extend({
  id: z.number(),
  status: z.string(),
  location: place,
  server_type: z.object({ name: z.string(), architecture: z.string() }),
  /** Null: its image is gone. A snapshot has no name. */
  image: z.object({ name: z.string().nullable() }).nullable(),
  /** GB. */
  primary_disk_size: z.number(),
  placement_group: z.object({ name: z.string() }).nullish(),
  private_net: inNetwork,
  /** Ids of those that lead to it. */
  load_balancers: z.array(z.number()).optional(),
});
const balancer = named.extend({ location: place, private_net: inNetwork });
const network = named.extend({
  id: z.number(),
  ip_range: z.string(),
  subnets: z.array(z.object({ ip_range: z.string() })),
});
const serverType = z.object({
  name: z.string(),
  architecture: z.string(),
  /** GB. */
  disk: z.number(),
  /** Not all of them tell whether there is room. */
  locations: z.array(z.object({ name: z.string(), available: z.boolean().optional() })).default([]),
});

/** What there is in a Hetzner project, as far as it decides what a plan can do there. */
export interface ProjectFacts {
  readonly servers: readonly z.infer<typeof server>[];
  readonly balancers: readonly z.infer<typeof balancer>[];
  readonly networks: readonly z.infer<typeof network>[];
  /** What else has a name that can be taken, by plural kind. */
  readonly others: Readonly<Record<"firewalls" | "placement_groups" | "ssh_keys" | "primary_ips", readonly Named[]>>;
  readonly serverTypes: readonly z.infer<typeof serverType>[];
}
export type Named = z.infer<typeof named>;

/**
 * Asks what there is in the project, whoever made it. Eight questions at once: about a quarter of a second.
 *
 * @throws MistakesError when the token is refused; HetznerUnreachableError
 */
export async function observeProject(access: ApiAccess): Promise<ProjectFacts> {
  const [servers, balancers, networks, firewalls, placementGroups, sshKeys, primaryIps, serverTypes] =
    await Promise.all([
      askAll(access, "servers", server),
      askAll(access, "load_balancers", balancer),
      askAll(access, "networks", network),
      askAll(access, "firewalls", named),
      askAll(access, "placement_groups", named),
      askAll(access, "ssh_keys", named),
      askAll(access, "primary_ips", named),
      askAll(access, "server_types", serverType),
    ]);
  const others = { firewalls, placement_groups: placementGroups, ssh_keys: sshKeys, primary_ips: primaryIps };
  return { servers, balancers, networks, others, serverTypes };
}

import type { Kind } from "./rows";

/** How many of each a project may have. */
export type Limits = Readonly<Record<Exclude<Kind, "action" | "rrset">, number>>;

/** Generous where Hetzner's real figure depends on the account; 50 placement groups is Hetzner's own. */
export const DEFAULT_LIMITS: Limits = {
  network: 50,
  server: 100,
  placement_group: 50,
  ssh_key: 200,
  firewall: 50,
  load_balancer: 25,
  certificate: 100,
  primary_ip: 200,
  volume: 100,
  zone: 100,
};

import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import ipaddr from "ipaddr.js";
import { run } from "./run";

/** Bytes that Hetzner's private networks carry. */
const PRIVATE_MTU = 1450;
const PUBLIC_BRIDGE = "public";
const PRIVATE_BRIDGE = "private";
/** TEST-NET-1 (RFC 5737): what stands for the internet inside the namespace. Operators come from its first address. */
export const PUBLIC_NET = { prefix: "192.0.2", length: 24, gateway: "192.0.2.1" } as const;

export interface GuestLinks {
  /** Names of the ends in the namespace. */
  readonly private: string;
  readonly public: string | undefined;
}

/**
 * The network of one fleet: a namespace of its own with two bridges, so that none of its addresses exist anywhere
 * else. Machines on the private bridge cannot reach each other directly but through the gateway, as at Hetzner.
 */
export class FleetNetwork {
  /** Also the prefix of everything else that needs a name on this machine: "standin-" and 8 hex digits of the folder. */
  readonly name: string;
  readonly #gateways = new Set<string>();
  #addresses: ReadonlySet<string> = new Set();
  #routes: ReadonlyMap<string, string> = new Map();

  /** @param services addresses that are the namespace's own, for its name servers and whatever else answers there. */
  constructor(
    stateDir: string,
    private readonly services: readonly string[] = [],
  ) {
    this.name = `standin-${createHash("sha256").update(realpathSync(stateDir)).digest("hex").slice(0, 8)}`;
  }

  /** As nsenter wants it. `ip netns exec` would mount /sys anew, and nspawn would not find the cgroups. */
  get path(): string {
    return join("/run/netns", this.name);
  }

  async make(): Promise<void> {
    if (existsSync(this.path)) await run("ip", ["netns", "delete", this.name]);
    await run("ip", ["netns", "add", this.name]);
    await this.#ip([
      "link set lo up",
      `link add ${PUBLIC_BRIDGE} address 02:00:00:00:00:01 type bridge forward_delay 0`,
      `link add ${PRIVATE_BRIDGE} address 02:00:00:00:00:02 mtu ${PRIVATE_MTU} type bridge forward_delay 0`,
      `address add ${PUBLIC_NET.gateway}/${PUBLIC_NET.length} dev ${PUBLIC_BRIDGE}`,
      `link set ${PUBLIC_BRIDGE} up`,
      `link set ${PRIVATE_BRIDGE} up`,
      ...this.services.map((address) => `address add ${address}/32 dev lo`),
      // Whatever leads out of it ends here, and at once.
      "route add unreachable default metric 4096",
    ]);
  }

  /** Is there a network yet? Before, no route can lead anywhere. */
  get connected(): boolean {
    return this.#gateways.size > 0;
  }

  /** The first address of a network is its gateway. */
  async addGateway(networkCidr: string): Promise<void> {
    if (this.#gateways.has(networkCidr)) return;
    await this.#ip([`address replace ${gatewayOf(networkCidr)}/${networkCidr.split("/")[1]} dev ${PRIVATE_BRIDGE}`]);
    this.#gateways.add(networkCidr);
  }

  /** Addresses of what is no machine: load balancers, simulated hosts. The whole list; others of an earlier one go. */
  async setAddresses(wanted: ReadonlySet<string>): Promise<void> {
    const lines = [
      ...[...this.#addresses]
        .filter((one) => !wanted.has(one))
        .map((one) => `address del ${one}/32 dev ${PRIVATE_BRIDGE}`),
      ...[...wanted]
        .filter((one) => !this.#addresses.has(one))
        .map((one) => `address replace ${one}/32 dev ${PRIVATE_BRIDGE}`),
    ];
    if (lines.length > 0) await this.#ip(lines);
    this.#addresses = new Set(wanted);
  }

  /** The network's routes, destination to gateway, as the API has them. */
  async setRoutes(wanted: ReadonlyMap<string, string>): Promise<void> {
    const lines = [
      ...[...this.#routes].filter(([to]) => !wanted.has(to)).map(([to]) => `route del ${to} dev ${PRIVATE_BRIDGE}`),
      ...[...wanted]
        .filter(([to, via]) => this.#routes.get(to) !== via)
        .map(([to, via]) => `route replace ${to} via ${via} dev ${PRIVATE_BRIDGE}`),
    ];
    if (lines.length > 0) await this.#ip(lines);
    this.#routes = new Map(wanted);
  }

  /** Waits for nspawn to make the links, then plugs them in. */
  async attach(links: GuestLinks, alive: () => boolean): Promise<void> {
    const names = [links.private, ...(links.public === undefined ? [] : [links.public])];
    for (const name of names) {
      for (let attempt = 0; !(await this.#hasLink(name)); attempt += 1) {
        if (!alive() || attempt > 300) throw new Error(`link ${name} did not appear`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    await this.#ip([
      `link set ${links.private} mtu ${PRIVATE_MTU} master ${PRIVATE_BRIDGE}`,
      `link set ${links.private} type bridge_slave isolated on`,
      `link set ${links.private} up`,
      ...(links.public === undefined
        ? []
        : [`link set ${links.public} master ${PUBLIC_BRIDGE}`, `link set ${links.public} up`]),
    ]);
  }

  /**
   * Fixed, so that packets to a machine without power vanish, as at Hetzner, instead of being answered by "host
   * unreachable", which clients notice too soon.
   */
  async setNeighbour(address: string, mac: string, bridge: "public" | "private"): Promise<void> {
    await this.#ip([`neighbour replace ${address} lladdr ${mac} dev ${bridge} nud permanent`]);
  }

  /** Cuts a machine off, or plugs it in again. */
  async setLinks(links: GuestLinks, state: "up" | "down"): Promise<void> {
    const names = [links.private, ...(links.public === undefined ? [] : [links.public])];
    for (const name of names) if (await this.#hasLink(name)) await this.#ip([`link set ${name} ${state}`]);
  }

  async remove(): Promise<void> {
    if (existsSync(this.path)) await run("ip", ["netns", "delete", this.name]);
  }

  async #hasLink(name: string): Promise<boolean> {
    return run("ip", ["-n", this.name, "link", "show", name]).then(
      () => true,
      () => false,
    );
  }

  async #ip(lines: readonly string[]): Promise<void> {
    await run("ip", ["-n", this.name, "-batch", "-"], { input: `${lines.join("\n")}\n` });
  }
}

/** First address of a network, e.g. "10.5.0.1" of "10.5.0.0/16". */
export function gatewayOf(networkCidr: string): string {
  const bytes = ipaddr.IPv4.networkAddressFromCIDR(networkCidr).toByteArray();
  return new ipaddr.IPv4([...bytes.slice(0, 3), (bytes[3] ?? 0) + 1]).toString();
}

import { GUEST_SUITES, type GuestSuite } from "@standin/machines/real";
import { plannedHosts, releaseOf, type Environment, type HostConfig } from "./estate";

export interface FleetNeeds {
  /** Debian of the real machines: the environment's own, or the one that stands in for its Ubuntu. */
  readonly suite: GuestSuite;
  /** Debian packages that the real machines' configurations name, sorted. */
  readonly packages: readonly string[];
  /** Groups (the label on their servers) whose software is in no Debian package: they stay simulated, and why. */
  readonly simulated: ReadonlyMap<string, string>;
}

/** Their software comes from a script that fetches it, not from what a HostConfig declares. */
const FETCHED_BY_SCRIPT: ReadonlyMap<string, string> = new Map([
  ["k3sServers", "K3s"],
  ["k3sAgents", "K3s"],
]);

/** Both, so that one image does for either. */
const DCS = ["etcd", "raft"] as const;

/** What the machines of an environment need in their image, from the plan itself. */
export function fleetNeeds(environment: Environment): FleetNeeds {
  const packages = new Set<string>();
  const simulated = new Map<string, string>();
  const either = DCS.map((dcs) => ({ ...environment, postgres: { ...environment.postgres, dcs } }));
  for (const { group, config } of either.flatMap(plannedHosts)) {
    const fetched = FETCHED_BY_SCRIPT.get(group) ?? notFromDebian(config);
    if (fetched !== undefined) simulated.set(group, fetched);
    else for (const { name } of config.packages) packages.add(name);
  }
  const suite = GUEST_SUITES.find((one) => one === releaseOf(environment)) ?? "bookworm";
  return { suite, packages: [...packages].sort(), simulated };
}

function notFromDebian(config: HostConfig): string | undefined {
  const names = [
    ...config.binaries.map(({ path }) => path.slice(path.lastIndexOf("/") + 1)),
    ...config.aptRepositories.map(({ name }) => name),
  ];
  return names.length === 0 ? undefined : names.join(", ");
}

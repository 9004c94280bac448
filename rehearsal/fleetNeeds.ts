import { planEstate } from "../stacks/plan";
import type { Environment } from "../stacks/environment";
import type { HostConfig } from "../components/machines/hostConfig";
import type { HostPlan } from "../components/machines/hostPlan";

export interface FleetNeeds {
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

/** What the machines of an environment need in their image, from the plan itself. */
export function fleetNeeds(environment: Environment): FleetNeeds {
  const packages = new Set<string>();
  const simulated = new Map<string, string>();
  for (const { group, config } of DCS.flatMap((dcs) => hostsWith(environment, dcs))) {
    const fetched = FETCHED_BY_SCRIPT.get(group) ?? notFromDebian(config);
    if (fetched !== undefined) simulated.set(group, fetched);
    else for (const { name } of config.packages) packages.add(name);
  }
  return { packages: [...packages].sort(), simulated };
}

/** Both, so that one image does for either. */
const DCS = ["etcd", "raft"] as const;

function hostsWith(environment: Environment, dcs: (typeof DCS)[number]): readonly HostPlan[] {
  return planEstate(
    { ...environment, postgres: { ...environment.postgres, dcs } },
    {
      operatorCidrs: ["192.0.2.0/24"],
      operatorPublicKeys: [],
      bastionSshPort: 22,
      bastionKubernetesPort: 6443,
      consentToDelete: [],
    },
  ).hosts;
}

function notFromDebian(config: HostConfig): string | undefined {
  const names = [
    ...config.binaries.map(({ path }) => path.slice(path.lastIndexOf("/") + 1)),
    ...config.aptRepositories.map(({ name }) => name),
  ];
  return names.length === 0 ? undefined : names.join(", ");
}

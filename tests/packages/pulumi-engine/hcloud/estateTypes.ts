import type { ResourceState } from "./harness";

/** Types of the test estate's resources, by their names. */
const TYPES: Readonly<Record<string, string>> = {
  net: "network",
  subnet: "networkSubnet",
  route: "networkRoute",
  key: "sshKey",
  group: "placementGroup",
  fw: "firewall",
  bastion: "server",
  db: "server",
  lb: "loadBalancer",
  "lb-net": "loadBalancerNetwork",
  "lb-pg": "loadBalancerService",
  https: "loadBalancerService",
  "lb-target": "loadBalancerTarget",
  zone: "zone",
  www: "zoneRrset",
  rdns: "rdns",
  "rdns-server": "rdns",
  uploaded: "uploadedCertificate",
  managed: "managedCertificate",
  ip: "primaryIp",
};

export const typeOf = (name: string): string => TYPES[name] ?? name;

/** What an import calls it: not always its id. */
export function importIdOf(name: string, state: ResourceState): string {
  if (typeOf(name) === "zoneRrset") return `${state.inputs["zone"] as string}/${state.id}`;
  if (typeOf(name) === "loadBalancerTarget")
    return `${state.inputs["loadBalancerId"] as number}__server__${state.inputs["serverId"] as number}`;
  return state.id;
}

import { PROVIDER_TABLES } from "../../../bridge/table";
import { tableOf, type Table } from "../../../bridge/property";
import type { Definition } from "../definition";
import { managedCertificate, uploadedCertificate } from "./certificates";
import { zone, zoneRrset } from "./dns";
import { firewall } from "./firewall";
import { loadBalancer, loadBalancerNetwork } from "./loadBalancer";
import { loadBalancerService, loadBalancerTarget } from "./loadBalancerParts";
import { network, networkRoute, networkSubnet } from "./network";
import { rdns } from "./rdns";
import { server } from "./server";
import { placementGroup, primaryIp, sshKey } from "./simple";

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  firewall,
  loadBalancer,
  loadBalancerNetwork,
  loadBalancerService,
  loadBalancerTarget,
  managedCertificate,
  network,
  networkRoute,
  networkSubnet,
  placementGroup,
  primaryIp,
  rdns,
  server,
  sshKey,
  uploadedCertificate,
  zone,
  zoneRrset,
};

/** A type with its properties. */
export interface HcloudType extends Definition {
  readonly table: Table;
}

/** Every resource type of the provider that the engine has, by Pulumi's token. */
export const TYPES: ReadonlyMap<string, HcloudType> = new Map(
  Object.entries(DEFINITIONS).map(([name, definition]) => {
    const token = `hcloud:index/${name}:${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`;
    const facts = PROVIDER_TABLES.hcloud.resources[token];
    if (facts === undefined) throw new Error(`the table of hcloud ${PROVIDER_TABLES.hcloud.version} has no ${token}`);
    return [token, { ...definition, table: tableOf(facts, definition.rules ?? {}) }];
  }),
);

import type { Definition } from "../definition";
import { firewallAttachment, rdns, serverNetwork, volumeAttachment } from "./attachments";
import { managedCertificate, uploadedCertificate } from "./certificates";
import { zone, zoneRecord, zoneRrset } from "./dns";
import { firewall } from "./firewall";
import { loadBalancer, loadBalancerNetwork } from "./loadBalancer";
import { loadBalancerService, loadBalancerTarget } from "./loadBalancerParts";
import { network, networkRoute, networkSubnet } from "./network";
import { server } from "./server";
import { placementGroup, primaryIp, sshKey, volume } from "./simple";

const token = (name: string): string => `hcloud:index/${name}:${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`;

/** Every resource type of the provider, by Pulumi's token. */
export const DEFINITIONS: Readonly<Record<string, Definition>> = Object.fromEntries(
  Object.entries({
    firewall,
    firewallAttachment,
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
    serverNetwork,
    sshKey,
    uploadedCertificate,
    volume,
    volumeAttachment,
    zone,
    zoneRecord,
    zoneRrset,
  }).map(([name, definition]) => [token(name), definition]),
);

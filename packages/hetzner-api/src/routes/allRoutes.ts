import type { Router } from "../http/router";
import type { CloudContext } from "../model/context";
import { catalogueRoutes } from "./catalogue";
import { certificateRoutes } from "./certificates";
import { firewallRoutes } from "./firewalls";
import { loadBalancerActionRoutes } from "./loadBalancerActions";
import { loadBalancerRoutes } from "./loadBalancers";
import { networkRoutes } from "./networks";
import { placementGroupRoutes } from "./placementGroups";
import { primaryIpRoutes } from "./primaryIps";
import { rrsetRoutes } from "./rrsets";
import { serverActionRoutes } from "./serverActions";
import { serverRoutes } from "./servers";
import { sshKeyRoutes } from "./sshKeys";
import { volumeRoutes } from "./volumes";
import { zoneRoutes } from "./zones";

const PARTS = [
  catalogueRoutes,
  networkRoutes,
  serverRoutes,
  serverActionRoutes,
  placementGroupRoutes,
  sshKeyRoutes,
  firewallRoutes,
  loadBalancerRoutes,
  loadBalancerActionRoutes,
  certificateRoutes,
  primaryIpRoutes,
  volumeRoutes,
  zoneRoutes,
  rrsetRoutes,
];

/** Everything that the local cloud answers. */
export function allRoutes(router: Router, cloud: CloudContext): void {
  for (const add of PARTS) add(router, cloud);
}

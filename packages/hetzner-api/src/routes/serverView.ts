import {
  findServerType,
  IMAGES,
  locationOf,
  renderDatacenter,
  renderImage,
  renderServerType,
  type Image,
  type ServerType,
} from "../model/catalog";
import { hasCapacity, type CloudContext } from "../model/context";
import type { ServerRow } from "../model/rows";
import { compileSelector } from "../rules/labels";
import { firewallsOf } from "./firewalls";
import { renderPlacementGroup } from "./placementGroups";
import { defaultDnsPtr } from "./primaryIps";

const typeOf = (row: ServerRow): ServerType => findServerType(row.serverType) as ServerType;

/** Ids of the load balancers that have a server as target, directly or through a selector. */
function loadBalancersOf(cloud: CloudContext, server: ServerRow): number[] {
  return cloud.store
    .list("load_balancer")
    .filter((row) =>
      row.targets.some((target) =>
        target.type === "server"
          ? target.server.id === server.id
          : compileSelector(target.label_selector.selector, "selector")(server.labels),
      ),
    )
    .map((row) => row.id);
}

function renderPublicNet(cloud: CloudContext, row: ServerRow): object {
  const own = cloud.store.list("primary_ip").filter((ip) => ip.assignee === row.id);
  const ipv4 = own.find((ip) => ip.type === "ipv4");
  const ipv6 = own.find((ip) => ip.type === "ipv6");
  return {
    ipv4:
      ipv4 === undefined
        ? null
        : { id: ipv4.id, ip: ipv4.ip, blocked: false, dns_ptr: ipv4.dnsPtr[ipv4.ip] ?? defaultDnsPtr(ipv4.ip) },
    ipv6:
      ipv6 === undefined
        ? null
        : {
            id: ipv6.id,
            ip: ipv6.ip,
            blocked: false,
            dns_ptr: Object.entries(ipv6.dnsPtr).map(([ip, dns_ptr]) => ({ ip, dns_ptr })),
          },
    floating_ips: [],
    firewalls: firewallsOf(cloud, row.id).map((id) => ({ id, status: "applied" })),
  };
}

/** As the API shows a server. */
export function renderServer(cloud: CloudContext, row: ServerRow): object {
  const { store, settings } = cloud;
  const group = row.placementGroup === null ? undefined : store.get("placement_group", row.placementGroup);
  const type = typeOf(row);
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    created: row.created,
    public_net: renderPublicNet(cloud, row),
    private_net: row.privateNet,
    server_type: renderServerType(type, settings.prices, (place) => hasCapacity(cloud, type.name, place)),
    datacenter: renderDatacenter(locationOf(row)),
    location: locationOf(row),
    image: renderImage(IMAGES.find((image) => image.id === row.image) as Image),
    iso: null,
    rescue_enabled: row.rescueEnabled,
    locked: cloud.actions.isLocked("server", row.id),
    backup_window: row.backupWindow,
    outgoing_traffic: 0,
    ingoing_traffic: 0,
    included_traffic: 20 * 1024 ** 4,
    protection: row.protection,
    labels: row.labels,
    volumes: store
      .list("volume")
      .filter((volume) => volume.server === row.id)
      .map((volume) => volume.id),
    load_balancers: loadBalancersOf(cloud, row),
    primary_disk_size: row.primaryDiskSize,
    placement_group: group === undefined ? null : renderPlacementGroup(cloud, group),
  };
}

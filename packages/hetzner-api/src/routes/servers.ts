import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ApiError, invalidField, limitExceeded, notFound, refused } from "../http/apiError";
import type { Router } from "../http/router";
import { renderAction } from "../model/actions";
import { findLocation, findServerType, IMAGES, type Image, type Location, type ServerType } from "../model/catalog";
import { hasCapacity, requireRoom, requireRow, type CloudContext } from "../model/context";
import type { PrivateNet, ServerRow } from "../model/rows";
import { macAddress, pickAddress } from "../rules/addresses";
import { hostname, id, idOrName, labels, noDatacenter, parseBody } from "../rules/body";
import { applyFirewall, MAX_FIREWALLS_PER_SERVER } from "./firewalls";
import { takenAddresses } from "./networks";
import { groupMembers, MAX_SERVERS_PER_GROUP } from "./placementGroups";
import { createPrimaryIp, requireFits } from "./primaryIps";
import { actionAnswer, actionOn, registerResource } from "./resource";
import { renderServer } from "./serverView";

export const MAX_NETWORKS_PER_SERVER = 3;
const MAX_USER_DATA_BYTES = 32 * 1024;
const MAX_ATTACHED_TO_NETWORK = 100;

const createBody = z.object({
  name: hostname,
  location: idOrName.optional(),
  datacenter: noDatacenter,
  server_type: idOrName,
  start_after_create: z.boolean().default(true),
  image: idOrName,
  placement_group: id.optional(),
  ssh_keys: z.array(idOrName).default([]),
  volumes: z.array(id).default([]),
  networks: z.array(id).max(MAX_NETWORKS_PER_SERVER).default([]),
  firewalls: z
    .array(z.object({ firewall: id }))
    .max(MAX_FIREWALLS_PER_SERVER)
    .default([]),
  user_data: z
    .string()
    .refine((text) => Buffer.byteLength(text) <= MAX_USER_DATA_BYTES, "must be at most 32 KiB")
    .default(""),
  labels: labels.default({}),
  automount: z.boolean().optional(),
  public_net: z
    .object({
      enable_ipv4: z.boolean().default(true),
      enable_ipv6: z.boolean().default(true),
      ipv4: id.nullish(),
      ipv6: id.nullish(),
    })
    .prefault({}),
});
type CreateBody = z.infer<typeof createBody>;

export const serverRef = (serverId: number) => ({ id: serverId, type: "server" });

/** @throws ApiError invalid_input */
export function requireServerType(idOrTypeName: string): ServerType {
  const type = findServerType(idOrTypeName);
  if (type === undefined) throw invalidField("server_type", `server type '${idOrTypeName}' not found`);
  return type;
}

/** @throws ApiError invalid_input */
export function requireImage(idOrImageName: string, architecture: string): Image {
  const image = IMAGES.find(
    (one) => one.architecture === architecture && (one.name === idOrImageName || String(one.id) === idOrImageName),
  );
  if (image === undefined)
    throw invalidField("image", `image '${idOrImageName}' for architecture ${architecture} not found`);
  return image;
}

/** Room for one more server of the type. @throws ApiError 412 resource_unavailable, invalid_input */
export function requireCapacity(cloud: CloudContext, type: ServerType, place: Location): void {
  if (!type.locations.includes(place.name))
    throw invalidField(
      "location",
      `server type ${type.name} is not offered in ${place.name}, only in ${type.locations.join(", ")}`,
    );
  if (!hasCapacity(cloud, type.name, place.name))
    throw new ApiError(412, "resource_unavailable", `server type ${type.name} is sold out in ${place.name}`);
}

/** The attachment a server gets in a network. @throws ApiError */
export function attachment(
  cloud: CloudContext,
  server: { readonly id: number; readonly privateNet: readonly PrivateNet[] },
  place: Location,
  wish: {
    readonly network: number;
    readonly ip?: string | undefined;
    readonly ipRange?: string | undefined;
    readonly aliasIps?: readonly string[] | undefined;
  },
): PrivateNet {
  const network = requireRow(cloud, "network", wish.network);
  if (server.privateNet.some((net) => net.network === network.id))
    throw refused("server_already_attached", `server ${server.id} is already attached to network ${network.id}`);
  if (server.privateNet.length >= MAX_NETWORKS_PER_SERVER)
    throw limitExceeded("networks per server", MAX_NETWORKS_PER_SERVER);
  const taken = takenAddresses(cloud, network.id);
  if (taken.size >= MAX_ATTACHED_TO_NETWORK)
    throw limitExceeded("attached resources per network", MAX_ATTACHED_TO_NETWORK);
  const zone = { networkZone: place.network_zone };
  const ip = pickAddress(network, taken, { ip: wish.ip, ipRange: wish.ipRange, ...zone });
  taken.add(ip);
  const aliases = (wish.aliasIps ?? []).map((alias) => {
    const picked = pickAddress(network, taken, { ip: alias, ...zone });
    taken.add(picked);
    return picked;
  });
  return { network: network.id, ip, alias_ips: aliases, mac_address: macAddress(server.id, network.id) };
}

/** @throws ApiError resource_limit_exceeded, not_found */
export function requireGroupRoom(cloud: CloudContext, group: number): void {
  requireRow(cloud, "placement_group", group);
  if (groupMembers(cloud, group).length >= MAX_SERVERS_PER_GROUP)
    throw limitExceeded("servers per placement group", MAX_SERVERS_PER_GROUP);
}

/** An assigned or a new address of one family. */
function givePublicAddress(
  cloud: CloudContext,
  server: ServerRow,
  type: "ipv4" | "ipv6",
  wish: { readonly enabled: boolean; readonly id: number | null | undefined },
): void {
  if (!wish.enabled) {
    if (typeof wish.id === "number")
      throw invalidField(`public_net.${type}`, `cannot be given with enable_${type} false`);
    return;
  }
  if (typeof wish.id !== "number") {
    createPrimaryIp(cloud, {
      name: `primary_ip-${server.id}-${type}`,
      type,
      location: server.location,
      labels: {},
      autoDelete: true,
      assignee: server.id,
    });
    return;
  }
  const ip = requireRow(cloud, "primary_ip", wish.id);
  requireFits(ip, { type, location: server.location });
  cloud.store.put("primary_ip", { ...ip, assignee: server.id });
}

function placeOf(cloud: CloudContext, wish: CreateBody): Location {
  const given = [wish.public_net.ipv4, wish.public_net.ipv6].flatMap((ip) =>
    typeof ip === "number" ? requireRow(cloud, "primary_ip", ip).location : [],
  );
  const volumes = wish.volumes.map((volume) => requireRow(cloud, "volume", volume).location);
  const place = findLocation(wish.location ?? given[0] ?? volumes[0] ?? "fsn1");
  if (place === undefined) throw invalidField("location", `location '${String(wish.location)}' not found`);
  return place;
}

function publicKeys(cloud: CloudContext, wishes: readonly string[]): string[] {
  return wishes.map((wish) => {
    const key = cloud.store.list("ssh_key").find((row) => row.name === wish || String(row.id) === wish);
    if (key === undefined) throw notFound("ssh_key", wish);
    return key.publicKey;
  });
}

function createServer(cloud: CloudContext, wish: CreateBody): ServerRow {
  const type = requireServerType(wish.server_type);
  const place = placeOf(cloud, wish);
  const image = requireImage(wish.image, type.architecture);
  requireRoom(cloud, "server", wish.name);
  requireCapacity(cloud, type, place);
  if (wish.placement_group !== undefined) requireGroupRoom(cloud, wish.placement_group);
  const isPublic = wish.public_net.enable_ipv4 || wish.public_net.enable_ipv6;
  if (!isPublic && wish.networks.length === 0 && wish.start_after_create) {
    throw invalidField(
      "public_net",
      "a server without public address and without network cannot be started: set start_after_create to false",
    );
  }
  let row = cloud.store.put("server", {
    id: cloud.store.nextId(),
    name: wish.name,
    labels: wish.labels,
    created: new Date().toISOString(),
    status: "initializing",
    serverType: type.name,
    location: place.name,
    image: image.id,
    userData: wish.user_data,
    sshPublicKeys: publicKeys(cloud, wish.ssh_keys),
    privateNet: [],
    placementGroup: wish.placement_group ?? null,
    protection: { delete: false, rebuild: false },
    backupWindow: null,
    rescueEnabled: false,
    primaryDiskSize: type.diskGb,
    booted: false,
  });
  givePublicAddress(cloud, row, "ipv4", { enabled: wish.public_net.enable_ipv4, id: wish.public_net.ipv4 });
  givePublicAddress(cloud, row, "ipv6", { enabled: wish.public_net.enable_ipv6, id: wish.public_net.ipv6 });
  for (const network of wish.networks) {
    row = cloud.store.put("server", {
      ...row,
      privateNet: [...row.privateNet, attachment(cloud, row, place, { network })],
    });
  }
  for (const { firewall } of wish.firewalls)
    applyFirewall(cloud, requireRow(cloud, "firewall", firewall), [{ type: "server", server: { id: row.id } }]);
  for (const volumeId of wish.volumes) {
    const volume = requireRow(cloud, "volume", volumeId);
    if (volume.server !== null)
      throw refused("volume_already_attached", `volume ${volume.id} is attached to server ${volume.server}`);
    if (volume.location !== place.name)
      throw invalidField("volumes", `volume ${volume.id} is in ${volume.location}, the server in ${place.name}`);
    cloud.store.put("volume", { ...volume, server: row.id });
  }
  return row;
}

export function serverRoutes(router: Router, cloud: CloudContext): void {
  registerResource(router, cloud, {
    kind: "server",
    plural: "servers",
    render: (row) => renderServer(cloud, row),
    name: hostname,
    filters: { status: (row, values) => values.includes(row.status) },
    updated: (row) => cloud.machines.reconfigureSoon(row.id),
    remove: (row) => {
      cloud.actions.requireUnlocked("server", row.id);
      cloud.store.put("server", { ...row, status: "deleting" });
      const start = actionOn("server", row.id, "delete_server", {
        locks: [serverRef(row.id)],
        task: { name: "server.delete", args: { id: row.id } },
      });
      return actionAnswer(cloud.actions.start(start), {}, 200);
    },
  });
  router.post("/servers", ({ body }) => {
    const wish = parseBody(createBody, body);
    const row = createServer(cloud, wish);
    const locks = [serverRef(row.id)];
    const settle = {
      name: "server.settle",
      args: { id: row.id, status: wish.start_after_create ? "starting" : "off" },
    };
    const action = cloud.actions.start(actionOn("server", row.id, "create_server", { locks, task: settle }));
    const boot = { name: "server.power", args: { id: row.id, action: "on" } };
    const next = wish.start_after_create
      ? [cloud.actions.start(actionOn("server", row.id, "start_server", { locks, task: boot, after: action }))]
      : [];
    return {
      status: 201,
      body: {
        server: renderServer(cloud, row),
        action: renderAction(action),
        next_actions: next.map(renderAction),
        root_password: row.sshPublicKeys.length > 0 ? null : randomBytes(12).toString("base64url"),
      },
    };
  });
}

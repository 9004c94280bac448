import { z } from "zod";
import { invalidField, refused } from "../http/apiError";
import type { Router } from "../http/router";
import { renderAction } from "../model/actions";
import { findLocation, locationOf } from "../model/catalog";
import { requireRoom, requireRow, type CloudContext } from "../model/context";
import type { VolumeRow } from "../model/rows";
import { id, idOrName, labels, name, parseBody } from "../rules/body";
import { actionAnswer, actionOn, registerProtection, registerResource } from "./resource";

const MIN_SIZE_GB = 10;
const MAX_SIZE_GB = 10_240;
const MAX_VOLUMES_PER_SERVER = 16;
const size = z.int().min(MIN_SIZE_GB).max(MAX_SIZE_GB);

const createBody = z.object({
  name,
  size,
  location: idOrName.nullish(),
  server: id.nullish(),
  automount: z.boolean().nullish(),
  format: z.enum(["xfs", "ext4"]).nullish(),
  labels: labels.nullish(),
});

const refs = (volume: number, server: number) => [
  { id: volume, type: "volume" },
  { id: server, type: "server" },
];

function attach(cloud: CloudContext, row: VolumeRow, serverId: number): VolumeRow {
  const server = requireRow(cloud, "server", serverId);
  if (row.server !== null)
    throw refused("volume_already_attached", `volume ${row.id} is attached to server ${row.server}`);
  if (server.location !== row.location)
    throw invalidField("server", `server ${serverId} is in ${server.location}, the volume in ${row.location}`);
  const others = cloud.store.list("volume").filter((volume) => volume.server === serverId);
  if (others.length >= MAX_VOLUMES_PER_SERVER)
    throw refused("resource_limit_exceeded", `server ${serverId} has ${others.length} volumes already`);
  return cloud.store.put("volume", { ...row, server: serverId });
}

/** What an action on volumes does at its end. */
export const VOLUME_TASK = "volume.ready";

export function finishVolume(cloud: CloudContext, volumeId: number): void {
  const row = cloud.store.get("volume", volumeId);
  if (row !== undefined) cloud.store.put("volume", { ...row, status: "available" });
}

export function volumeRoutes(router: Router, cloud: CloudContext): void {
  const render = (row: VolumeRow): object => ({
    id: row.id,
    created: row.created,
    name: row.name,
    server: row.server,
    location: locationOf(row),
    size: row.size,
    linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${row.id}`,
    protection: row.protection,
    labels: row.labels,
    status: row.status,
    format: row.format,
  });
  registerResource(router, cloud, {
    kind: "volume",
    plural: "volumes",
    render,
    name,
    filters: { status: (row, values) => values.includes(row.status) },
    remove: (row) => {
      if (row.server !== null)
        throw refused("resource_in_use", `volume ${row.id} is still attached to server ${row.server}`);
      cloud.store.remove("volume", row.id);
      return { status: 204 };
    },
  });
  registerProtection(router, cloud, "volume", "volumes");
  router.post("/volumes", ({ body }) => {
    const wish = parseBody(createBody, body);
    const server = typeof wish.server === "number" ? requireRow(cloud, "server", wish.server) : undefined;
    if ((server === undefined) === (typeof wish.location !== "string"))
      throw invalidField("location", "give exactly one of location and server");
    const place = findLocation(server?.location ?? wish.location ?? "");
    if (place === undefined) throw invalidField("location", `location '${String(wish.location)}' not found`);
    if (server !== undefined) cloud.actions.requireUnlocked("server", server.id);
    requireRoom(cloud, "volume", wish.name);
    const created = cloud.store.put("volume", {
      id: cloud.store.nextId(),
      name: wish.name,
      labels: wish.labels ?? {},
      created: new Date().toISOString(),
      size: wish.size,
      location: place.name,
      server: null,
      format: wish.format ?? null,
      status: "creating",
      protection: { delete: false },
    });
    const row = server === undefined ? created : attach(cloud, created, server.id);
    const action = cloud.actions.start(
      actionOn("volume", row.id, "create_volume", { task: { name: VOLUME_TASK, args: { id: row.id } } }),
    );
    const next =
      server === undefined
        ? []
        : [
            cloud.actions.start({
              command: "attach_volume",
              resources: refs(row.id, server.id),
              locks: refs(row.id, server.id),
              after: action,
            }),
          ];
    return {
      status: 201,
      body: { volume: render(row), action: renderAction(action), next_actions: next.map(renderAction) },
    };
  });
  router.post("/volumes/:id/actions/attach", ({ params, body }) => {
    const row = requireRow(cloud, "volume", params["id"] ?? "");
    const wish = parseBody(z.object({ server: id, automount: z.boolean().nullish() }), body);
    cloud.actions.requireUnlocked("volume", row.id);
    cloud.actions.requireUnlocked("server", wish.server);
    attach(cloud, row, wish.server);
    return actionAnswer(
      cloud.actions.start({
        command: "attach_volume",
        resources: refs(row.id, wish.server),
        locks: refs(row.id, wish.server),
      }),
    );
  });
  router.post("/volumes/:id/actions/detach", ({ params }) => {
    const row = requireRow(cloud, "volume", params["id"] ?? "");
    if (row.server === null) throw refused("volume_not_attached", `volume ${row.id} is not attached`);
    cloud.actions.requireUnlocked("volume", row.id);
    cloud.actions.requireUnlocked("server", row.server);
    cloud.store.put("volume", { ...row, server: null });
    return actionAnswer(
      cloud.actions.start({
        command: "detach_volume",
        resources: refs(row.id, row.server),
        locks: refs(row.id, row.server),
      }),
    );
  });
  router.post("/volumes/:id/actions/resize", ({ params, body }) => {
    const row = requireRow(cloud, "volume", params["id"] ?? "");
    const wish = parseBody(z.object({ size }), body);
    if (wish.size <= row.size) throw invalidField("size", `must be larger than the present ${row.size} GB`);
    cloud.store.put("volume", { ...row, size: wish.size });
    return actionAnswer(cloud.actions.start(actionOn("volume", row.id, "resize_volume")));
  });
}

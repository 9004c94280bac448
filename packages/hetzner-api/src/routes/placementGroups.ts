import { z } from "zod";
import { refused } from "../http/apiError";
import type { Router } from "../http/router";
import { requireRoom, type CloudContext } from "../model/context";
import type { PlacementGroupRow } from "../model/rows";
import { labels, name, parseBody } from "../rules/body";
import { registerResource } from "./resource";

/** Servers of a spread group, by Hetzner's rules. */
export const MAX_SERVERS_PER_GROUP = 10;

export function groupMembers(cloud: CloudContext, id: number): number[] {
  return cloud.store
    .list("server")
    .filter((server) => server.placementGroup === id)
    .map((server) => server.id);
}

export function renderPlacementGroup(cloud: CloudContext, row: PlacementGroupRow): object {
  const { id, name: label, labels: tags, type, created } = row;
  return { id, name: label, labels: tags, type, created, servers: groupMembers(cloud, id) };
}

export function placementGroupRoutes(router: Router, cloud: CloudContext): void {
  const render = (row: PlacementGroupRow): object => renderPlacementGroup(cloud, row);
  registerResource(router, cloud, {
    kind: "placement_group",
    plural: "placement_groups",
    hasActions: false,
    render,
    name,
    filters: { type: (row, values) => values.includes(row.type) },
    remove: (row) => {
      const members = groupMembers(cloud, row.id);
      if (members.length > 0)
        throw refused("resource_in_use", `placement group still has servers: ${members.join(", ")}`);
      cloud.store.remove("placement_group", row.id);
      return { status: 204 };
    },
  });
  router.post("/placement_groups", ({ body }) => {
    const wish = parseBody(z.object({ name, type: z.literal("spread"), labels: labels.optional() }), body);
    requireRoom(cloud, "placement_group", wish.name);
    const row = cloud.store.put("placement_group", {
      id: cloud.store.nextId(),
      name: wish.name,
      labels: wish.labels ?? {},
      created: new Date().toISOString(),
      type: wish.type,
    });
    return { status: 201, body: { placement_group: render(row), action: null } };
  });
}

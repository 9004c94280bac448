import type { Actions } from "./actions";
import type { Limits } from "./limits";
import type { MachineLink } from "./machineLink";
import type { PriceTable } from "./prices";
import type { Kind, LoadBalancerService, Rows, ServerRow, ZoneRow } from "./rows";
import type { Store } from "./store";
import type { Weather } from "../weather/weather";
import { limitExceeded, notFound, notUnique } from "../http/apiError";

export type Health = "healthy" | "unhealthy" | "unknown";

export interface CloudSettings {
  readonly limits: Limits;
  /** Servers that a type ("cx23") or a type in a location ("cx23@fsn1") has room for; absent: unlimited. */
  readonly capacity: Readonly<Record<string, number>>;
  readonly prices: PriceTable;
  /** Public IPv4 of the n-th address for servers (n from 0). */
  readonly publicAddress: (n: number) => string;
  readonly targetHealth: (server: ServerRow, service: LoadBalancerService) => Health;
}

/** What every route works with. */
export interface CloudContext {
  readonly store: Store;
  readonly actions: Actions;
  readonly machines: MachineLink;
  readonly settings: CloudSettings;
  readonly weather: Weather;
  /** How to list what there is, by plural kind; the routes fill it in. */
  readonly shelves: Map<string, () => readonly object[]>;
}

/** @throws ApiError not_found */
export function requireRow<K extends Kind>(cloud: CloudContext, kind: K, id: number | string): Rows[K] {
  const row = /^\d+$/.test(String(id)) ? cloud.store.get(kind, Number(id)) : undefined;
  if (row === undefined) throw notFound(kind, id);
  return row;
}

/** Zones answer to their id and to their name. @throws ApiError not_found */
export function findZone(cloud: CloudContext, idOrName: string): ZoneRow {
  const row = cloud.store.list("zone").find((zone) => zone.name === idOrName || String(zone.id) === idOrName);
  if (row === undefined) throw notFound("zone", idOrName);
  return row;
}

/** Names are unique within a kind. @throws ApiError uniqueness_error */
export function requireUniqueName(
  cloud: CloudContext,
  kind: Exclude<Kind, "action" | "rrset">,
  name: string,
  except?: number,
): void {
  if (cloud.store.list(kind).some((row) => row.name === name && row.id !== except)) throw notUnique("name", name);
}

/** Before a create: room in the project, and the name free. @throws ApiError */
export function requireRoom(cloud: CloudContext, kind: keyof Limits, name: string): void {
  requireUniqueName(cloud, kind, name);
  const limit = Math.min(cloud.settings.limits[kind], cloud.weather.quotaOf(kind));
  if (cloud.store.list(kind).length >= limit) throw limitExceeded(kind, limit);
}

/** Room left for a server type in a location. */
export function hasCapacity(cloud: CloudContext, serverType: string, location: string): boolean {
  const used = cloud.store.list("server").filter((server) => server.serverType === serverType);
  const here = used.filter((server) => server.location === location);
  const { settings, weather } = cloud;
  const room = (key: string, place?: string): number =>
    Math.min(settings.capacity[key] ?? Infinity, weather.roomFor(serverType, place));
  return used.length < room(serverType) && here.length < room(`${serverType}@${location}`, location);
}

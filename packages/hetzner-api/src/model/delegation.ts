import type { CloudContext } from "./context";
import type { ZoneRow } from "./rows";
import type { Store } from "./store";

/** Whether the parent zone names Hetzner's servers for a zone: nothing that a cloud decides, so it must be told. */
const KEY = "delegated";

const delegatedZones = (store: Store): readonly string[] => JSON.parse(store.meta(KEY) ?? "[]") as string[];

/** What a registrar does, or undoes: also for a zone that is not there yet. */
export function delegate(store: Store, zone: string, delegated: boolean): void {
  const others = delegatedZones(store).filter((one) => one !== zone);
  store.putMeta(KEY, JSON.stringify(delegated ? [...others, zone] : others));
}

export const isDelegated = (store: Store, zone: string): boolean => delegatedZones(store).includes(zone);

/** The zone of this project that holds a domain: the longest one. */
export function zoneOf(cloud: CloudContext, domain: string): ZoneRow | undefined {
  const bare = domain.replace(/^\*\./, "");
  return cloud.store
    .list("zone")
    .filter(({ name }) => bare === name || bare.endsWith(`.${name}`))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

import type { CloudSnapshot } from "@standin/machines/machines";
import type { CloudContext } from "./context";

/** Everything in the cloud as the API shows it, by plural kind ("servers", "rrsets"...). */
export type Snapshot = CloudSnapshot;

/** @param kinds those that are wanted. Default: all. */
export function takeSnapshot(cloud: CloudContext, kinds?: readonly string[]): Snapshot {
  const shelves = [...cloud.shelves].filter(([plural]) => kinds?.includes(plural) ?? true);
  return Object.fromEntries(shelves.map(([plural, list]) => [plural, list() as Record<string, unknown>[]]));
}

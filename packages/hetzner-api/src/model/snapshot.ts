import type { CloudSnapshot } from "@standin/machines/machines";
import type { CloudContext } from "./context";

/** Everything in the cloud as the API shows it, by plural kind ("servers", "rrsets"...). */
export type Snapshot = CloudSnapshot;

export function takeSnapshot(cloud: CloudContext): Snapshot {
  return Object.fromEntries([...cloud.shelves].map(([plural, list]) => [plural, list() as Record<string, unknown>[]]));
}

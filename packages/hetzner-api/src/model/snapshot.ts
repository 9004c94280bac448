import type { CloudContext } from "./context";

/** Everything in the cloud as the API shows it, by plural kind ("servers", "rrsets"...). */
export type Snapshot = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

export function takeSnapshot(cloud: CloudContext): Snapshot {
  return Object.fromEntries([...cloud.shelves].map(([plural, list]) => [plural, list() as Record<string, unknown>[]]));
}

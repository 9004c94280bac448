import type { ObjectStore } from "../components/data/objectStore";
import { OwnedNames, type OwnedKind } from "../components/workloads/apps/ownedNames";

/** What the services of the data tier call their own accounts, databases and secrets. PostgreSQL refuses its own itself. */
const OF_SERVICES: readonly (readonly [OwnedKind, readonly string[], string])[] = [
  [
    "MariaDB database",
    ["monitor", "root", "mysql", "sys", "information_schema", "performance_schema"],
    "MariaDB itself",
  ],
  ["RabbitMQ vhost", ["erlang-cookie", "guest", "admin"], "RabbitMQ itself"],
  ["bucket", ["root"], "the object store itself"],
];

/** Names in the estate's services that are taken before any application asks. */
export function estateNames(store: ObjectStore | undefined): OwnedNames {
  const names = new OwnedNames();
  for (const [kind, taken, whose] of OF_SERVICES) for (const name of taken) names.claim(kind, name, whose);
  // Machines' own: backups, etcd's and Qdrant's snapshots.
  for (const { name } of store?.buckets ?? [])
    names.claim("bucket", name.replace(/^keybuzz-/, ""), "the estate's machines");
  return names;
}

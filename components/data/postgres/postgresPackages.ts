import { OS_IMAGES, type OsImage, type PostgresVersion } from "../../machines/osImage";
import type { PatroniSeries } from "./patroniTimings";
import type { PoolMode } from "./pgbouncerConfig";

/** Where PostgreSQL, Patroni and PgBouncer come from, and in which series: one archive for all three. */
export interface PostgresPackages {
  readonly from: "distribution" | "pgdg";
  readonly patroni: PatroniSeries;
  readonly poolMode: PoolMode;
}

/** The distribution's own packages for the version that they are used for; PGDG's current ones for any other. */
export function postgresPackages(image: OsImage, version: PostgresVersion): PostgresPackages {
  const own = OS_IMAGES[image].postgres;
  if (own?.version !== version) return { from: "pgdg", patroni: "3.2+", poolMode: "transaction" };
  return { from: "distribution", patroni: own.patroni, poolMode: poolMode(own.pgbouncer) };
}

/** Before 1.21 prepared statements do not work in transaction mode. */
function poolMode(pgbouncer: "1.18" | "1.21+"): PoolMode {
  switch (pgbouncer) {
    case "1.18":
      return "session";
    case "1.21+":
      return "transaction";
  }
}

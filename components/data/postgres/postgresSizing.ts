/** The machine that a PostgreSQL member runs on. */
export interface MachineSize {
  /** GiB of memory of the smallest member: any of them may become the leader. */
  readonly memoryGb: number;
  /** Virtual CPUs of the smallest member. */
  readonly cores: number;
}

/** Connections that stay free for replication, Patroni, monitoring and people. */
export const RESERVED_CONNECTIONS = 20;

/**
 * Number of connections that a machine can serve: 25 for each GiB, 250 at least, for that is what the applications of a
 * small estate may ask for together (4 MB each, most of them idle), and 500 at most, beyond which PgBouncer does better.
 */
export function maxConnections({ memoryGb }: MachineSize): number {
  return Math.min(500, Math.max(250, Math.floor(memoryGb) * 25));
}

const mb = (value: number): string => `${Math.floor(value)}MB`;
const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/**
 * Memory and parallelism of PostgreSQL on a machine of its own. The shares are those of the PostgreSQL wiki
 * ("Tuning Your PostgreSQL Server"): a quarter for shared buffers, the rest left to the page cache.
 */
export function postgresSizing(size: MachineSize): Readonly<Record<string, string | number>> {
  const memory = size.memoryGb * 1024;
  return {
    shared_buffers: mb(memory / 4),
    effective_cache_size: mb((memory * 7) / 10),
    maintenance_work_mem: mb(clamp(memory / 16, 64, 2048)),
    // Each connection may use it several times over; an eighth of the memory in all when every one sorts at once.
    work_mem: mb(clamp(memory / 8 / maxConnections(size), 4, 64)),
    max_wal_size: mb(clamp(memory / 2, 1024, 8192)),
    min_wal_size: mb(clamp(memory / 8, 256, 1024)),
    max_parallel_workers: size.cores,
    max_parallel_workers_per_gather: clamp(Math.floor(size.cores / 2), 0, 4),
    max_parallel_maintenance_workers: clamp(Math.floor(size.cores / 2), 1, 4),
  };
}

import measured from "./durations.json";

/** Seconds, the shortest and the longest that was measured. */
export type Seconds = readonly [shortest: number, longest: number];

/** How long a service of the estate stands still. */
export interface ServiceDurations {
  /** For people: "PostgreSQL". */
  readonly called: string;
  /** A member hands over and restarts. Absent: nobody leads. */
  readonly handOver?: Seconds;
  /** A member is gone without a word, and it led. */
  readonly lost?: Seconds;
}

/** By cluster; what was measured, and when (docs/benchmarks.md has the tables, tests hold one against the other). */
export const DURATIONS = measured as unknown as {
  readonly asOf: string;
  readonly services: Readonly<Record<string, ServiceDurations>>;
  readonly machine: { readonly boots: Seconds; readonly configured: Seconds };
};

const OTHERS: Readonly<Record<string, string>> = {
  k3sServers: "Kubernetes' servers",
  k3sAgents: "workers",
  minio: "MinIO",
  qdrant: "Qdrant",
  proxysql: "ProxySQL",
  bastion: "the bastion",
};

/** A cluster as people call it. */
export const serviceName = (group: string): string => DURATIONS.services[group]?.called ?? OTHERS[group] ?? group;

/** "3.3 to 4.5 s"; "not measured". */
export function secondsText(seconds: Seconds | undefined): string {
  if (seconds === undefined) return "for how long was never measured";
  const [from, to] = seconds;
  return from === to ? `${to} s` : `${from} to ${to} s`;
}

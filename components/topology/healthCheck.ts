/** How a load balancer or HAProxy decides whether a backend gets traffic. */
export type HealthCheck = TcpCheck | HttpCheck | RedisPrimaryCheck | PostgresCheck | MysqlCheck;

interface Timing {
  /** Seconds between two checks. Hetzner allows 3-60 (LoadBalancerServiceHealthCheck), HAProxy any. */
  readonly intervalSeconds: number;
  /** Seconds until one check has failed. Hetzner allows 1-60. */
  readonly timeoutSeconds: number;
  /** Failures in a row until the backend is taken out. Hetzner allows 1-5. */
  readonly retries: number;
  /** Milliseconds until the next check once one has failed, until the backend is out. HAProxy only. Default: the interval. */
  readonly fastIntervalMs?: number;
}

/** The port accepts a connection. */
export interface TcpCheck extends Timing {
  readonly kind: "tcp";
  readonly port: number;
}

/** GET `path` on `port` answers one of `statuses`. */
export interface HttpCheck extends Timing {
  readonly kind: "http";
  readonly port: number;
  readonly path: string;
  /** Header Host. Default: the backend's address. Load balancers only. */
  readonly host?: string;
  readonly statuses: readonly number[];
  /** TLS towards the backend, its certificate not verified by name. Default false. */
  readonly tls?: boolean;
}

/** AUTH, then `INFO replication` answers role:master. HAProxy only. */
export interface RedisPrimaryCheck extends Timing {
  readonly kind: "redisPrimary";
  readonly port: number;
}

/** The backend speaks PostgreSQL's protocol. HAProxy only. */
export interface PostgresCheck extends Timing {
  readonly kind: "postgres";
  readonly port: number;
  readonly user: string;
}

/** The backend speaks MySQL's protocol. HAProxy only. */
export interface MysqlCheck extends Timing {
  readonly kind: "mysql";
  readonly port: number;
  readonly user: string;
}

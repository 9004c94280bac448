import type { HostConfig } from "./hostConfig";

/** Hosts of one group form one cluster. Closed: what registers them asks for a group by its name. */
export type HostGroupName =
  | "bastion"
  | "haproxy"
  | "k3sServers"
  | "k3sAgents"
  | "postgres"
  | "redis"
  | "rabbitmq"
  | "minio"
  | "qdrant"
  | "proxysql"
  | "mariadb";

/** One machine, decided: everything about it that is known before anything is registered. Texts hold secret placeholders. */
export interface HostPlan {
  readonly name: string;
  /** Private IPv4 address. */
  readonly address: string;
  readonly group: HostGroupName;
  readonly serverType: string;
  readonly location: string;
  /** Image name, e.g. "ubuntu-24.04"; never an id (docs/reference/hetzner.md, servers). */
  readonly image: string;
  /** Has a public IPv4 address. Only the bastion does. */
  readonly public: boolean;
  /** Holds data: never deleted or replaced without consent. */
  readonly stateful: boolean;
  /** Labels of its server besides those of the estate and its group. Default: none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What must be on it. */
  readonly config: HostConfig;
}

/** Every text of a host's configuration, for finding the secrets that it names. */
export function configTexts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(configTexts);
}

/** The same configuration with every text passed through `replace`. */
export function mapTexts<T>(value: T, replace: (text: string) => string): T {
  if (typeof value === "string") return replace(value) as T & string;
  if (Array.isArray(value)) return value.map((entry: unknown) => mapTexts(entry, replace)) as T & unknown[];
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, mapTexts<unknown>(entry, replace)]),
  ) as T & object;
}

import type { Address } from "../../topology/topology";
import { shown, type Mistake } from "../../mistakes";

/** leader: straight to the leader. pooled: through PgBouncer. replicas: read-only, may lag. */
export type PostgresPath = "leader" | "pooled" | "replicas";

export interface DatabaseRequest {
  /** Name of the database: lower-case letters, digits, underscores. */
  readonly name: string;
  /** Role that owns it. Default: the database's name. */
  readonly owner?: string;
  /** Created beforehand by the superuser. Default: none. */
  readonly extensions?: readonly string[];
  readonly via: PostgresPath;
  /** That one pod of the consumer may open. Default USUAL_CONNECTIONS. */
  readonly connections?: number;
  /** Why, in a few words. */
  readonly purpose: string;
}

/** A database, its role and all that was asked for, merged over all consumers. */
export interface DatabaseSpec {
  readonly name: string;
  readonly owner: string;
  readonly extensions: readonly string[];
  readonly pooled: boolean;
}

/** How a consumer reaches its database. `password` is a secret placeholder, and so is what `url` returns. */
export interface DatabaseAccess {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  /** TLS is required; the certificate is signed by `authority`. */
  readonly sslMode: "require";
  /** Placeholder of the certificate to verify with. */
  readonly authority: string;
  readonly address: Address;
  /** e.g. url("postgresql", { connection_limit: "5" }). Default scheme "postgresql"; sslmode=require is added. */
  readonly url: (scheme?: string, parameters?: Readonly<Record<string, string>>) => string;
}

/** Unquoted identifiers of PostgreSQL, without the names that are its own and those of second logins. */
const NAME = /^[a-z][a-z0-9_]{0,60}$/;
const RESERVED = /^(pg_|postgres$|template[01]$|replicator$|rewinder$|keybuzz_monitor$|pgbouncer|.*_b$)/;
const EXTENSION = /^[a-z][a-z0-9_-]{0,62}$/;

export function databaseRequestProblems({ name, owner, extensions }: DatabaseRequest): readonly Mistake[] {
  const path = `postgres.databases[${name}]`;
  const names = [
    { at: `${path}.name`, value: name },
    ...(owner === undefined ? [] : [{ at: `${path}.owner`, value: owner }]),
  ];
  return [
    ...names
      .filter(({ value }) => !NAME.test(value) || RESERVED.test(value))
      .map(({ at, value }) => ({
        path: at,
        found: shown(value),
        allowed:
          "1-61 lower-case letters, digits and underscores, beginning with a letter, not ending in _b, no name of PostgreSQL's own",
        fix: "choose the consumer's name, e.g. chatwoot",
      })),
    ...(extensions ?? [])
      .filter((extension) => !EXTENSION.test(extension))
      .map((extension) => ({
        path: `${path}.extensions`,
        found: shown(extension),
        allowed: "names of extensions, e.g. pg_trgm",
        fix: "correct the name",
      })),
  ];
}

/** A URL of a database, its password still a placeholder. */
export function databaseUrl(
  access: Pick<DatabaseAccess, "host" | "port" | "database" | "username" | "password" | "sslMode">,
  scheme = "postgresql",
  parameters: Readonly<Record<string, string>> = {},
): string {
  const { host, port, database, username, password, sslMode } = access;
  const query = new URLSearchParams({ sslmode: sslMode, ...parameters }).toString();
  return `${scheme}://${username}:${password}@${host}:${port}/${database}?${query}`;
}

import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import type { Account } from "../../secrets/account";
import type { HostRef } from "../../topology/party";
import { ADMIN_ROLE, PATRONI_PORT, PATRONI_TLS, POSTGRES_PORT, REPLICATION_ROLE, REWIND_ROLE } from "./patroniConfig";
import { PGBOUNCER_ROLE, PGBOUNCER_SCHEMA } from "./pgbouncerConfig";
import type { DatabaseSpec } from "./postgresDatabase";

export interface DatabasesScriptArgs {
  readonly members: readonly HostRef[];
  readonly databases: readonly DatabaseSpec[];
  /** Secret placeholder of the password of each role of the cluster's own, by role. */
  readonly passwords: ReadonlyMap<string, string>;
  /** Who logs in for each owner of a database, by owner. */
  readonly accounts: ReadonlyMap<string, Account>;
  /** Settings of the whole cluster, kept in the DCS (see clusterSettings). */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The role with which the monitoring reads statistics. Default: there is none. */
  readonly monitor?: string;
}

/**
 * A job for any member of the cluster: brings the shared settings, roles, passwords, databases and extensions to
 * what is declared. It finds the leader by itself, changes nothing that is right already, and never drops
 * anything. Passwords stand in the script, which comes by standard input, never in a command line.
 */
export function databasesScript(args: DatabasesScriptArgs): string {
  const { members, databases, passwords, monitor } = args;
  const roles = [...new Set(databases.map(({ owner }) => owner))].sort();
  const logins = roles.map((role) => ({ role, ...accountOf(args.accounts, role) }));
  const pooled = databases.filter((database) => database.pooled).map(({ name }) => name);
  return (
    onLeader(members) +
    shellScript(join(__dirname, "postgresDatabases.sh"), {
      patroni_members: members.map(({ address }) => `${address}:${PATRONI_PORT}`),
      settings: JSON.stringify(args.settings),
      own_passwords: [
        `${REPLICATION_ROLE} replication=true ${passwordOf(passwords, REPLICATION_ROLE)}`,
        `${REWIND_ROLE} dbname=postgres ${passwordOf(passwords, REWIND_ROLE)}`,
      ],
      pooler_role: PGBOUNCER_ROLE,
      pooler_schema: PGBOUNCER_SCHEMA,
      pooler_password: pooled.length === 0 ? "" : passwordOf(passwords, PGBOUNCER_ROLE),
      monitor_role: monitor ?? "",
      monitor_password: monitor === undefined ? "" : passwordOf(passwords, monitor),
      roles,
      seconds: logins.filter(({ role, user }) => user !== role).map(({ role, user }) => `${user} ${role}`),
      databases: databases.map(({ name, owner }) => `${name} ${owner}`),
      extensions: databases.flatMap(({ name, extensions }) => extensions.map((extension) => `${name} ${extension}`)),
      pooled,
      passwords: logins.map(({ role, user, password }) => `${user} dbname=${databaseOf(databases, role)} ${password}`),
    })
  );
}

/** Consumers have their new logins: these roles may no longer log in. For any member; idempotent. */
export function retiredRolesScript(members: readonly HostRef[], roles: readonly string[]): string {
  return onLeader(members) + shellScript(join(__dirname, "postgresRetire.sh"), { roles });
}

/** Who is asked and how, and a leader that answers. */
function onLeader(members: readonly HostRef[]): string {
  return shellScript(join(__dirname, "postgresLeader.sh"), {
    members: members.map(({ address }) => address).join(","),
    postgres_port: POSTGRES_PORT,
    admin_role: ADMIN_ROLE,
    tls_ca: PATRONI_TLS.ca,
    tls_cert: PATRONI_TLS.cert,
    tls_key: PATRONI_TLS.key,
  });
}

function databaseOf(databases: readonly DatabaseSpec[], role: string): string {
  const found = databases.find(({ owner }) => owner === role);
  if (found === undefined) throw new Error(`role "${role}" owns no database`);
  return found.name;
}

function accountOf(accounts: ReadonlyMap<string, Account>, role: string): Account {
  const found = accounts.get(role);
  if (found === undefined) throw new Error(`no login is declared for role "${role}"`);
  return found;
}

function passwordOf(passwords: ReadonlyMap<string, string>, role: string): string {
  const password = passwords.get(role);
  if (password === undefined) throw new Error(`no password is declared for role "${role}"`);
  return password;
}

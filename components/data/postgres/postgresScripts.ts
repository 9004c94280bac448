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

/** How long a new cluster may take until it has a leader. */
const LEADER_WAIT_SECONDS = 300;
/** Pods that go may take so long to finish with their old login (Kubernetes gives them 30 s), pools to let go of it. */
const FAREWELL_SECONDS = 60;

/**
 * A job for any member of the cluster: brings the shared settings, roles, passwords, databases and extensions to
 * what is declared. It finds the leader by itself, changes nothing that is right already, and never drops
 * anything. Passwords stand in the script, which comes by standard input, never in a command line.
 */
export function databasesScript(args: DatabasesScriptArgs): string {
  const { members, databases, passwords } = args;
  const roles = [...new Set(databases.map(({ owner }) => owner))].sort();
  const account = (role: string): Account => {
    const found = args.accounts.get(role);
    if (found === undefined) throw new Error(`no login is declared for role "${role}"`);
    return found;
  };
  return [
    ...beginning(members),
    "# Settings of the whole cluster. Patroni changes nothing when they are the same.",
    `settings ${members.map(({ address }) => `${address}:${PATRONI_PORT}`).join(" ")} <<'JSON'`,
    JSON.stringify(args.settings),
    "JSON",
    "",
    "# Roles that Patroni made itself: only their passwords may have changed.",
    `password ${REPLICATION_ROLE} replication=true '${passwordOf(passwords, REPLICATION_ROLE)}'`,
    `password ${REWIND_ROLE} dbname=postgres '${passwordOf(passwords, REWIND_ROLE)}'`,
    ...(databases.some(({ pooled }) => pooled)
      ? [
          "",
          "# Looks up the others' passwords for PgBouncer.",
          `role ${PGBOUNCER_ROLE}`,
          `password ${PGBOUNCER_ROLE} dbname=postgres '${passwordOf(passwords, PGBOUNCER_ROLE)}'`,
        ]
      : []),
    ...(args.monitor === undefined
      ? []
      : [
          "",
          "# Reads statistics, and no data.",
          `role ${args.monitor}`,
          `watches ${args.monitor}`,
          `password ${args.monitor} dbname=postgres '${passwordOf(passwords, args.monitor)}'`,
        ]),
    "",
    "# One role and one database for each consumer.",
    ...roles.map((role) => `role ${role}`),
    ...roles.flatMap((role) => (account(role).user === role ? [] : [`second ${account(role).user} ${role}`])),
    ...databases.flatMap((database) => databaseLines(database)),
    ...roles.map((role) => {
      const { user, password } = account(role);
      return `password ${user} dbname=${databaseOf(databases, role)} '${password}'`;
    }),
    "",
    `echo 'databases: ${databases.map(({ name }) => name).join(" ")}'`,
    "",
  ].join("\n");
}

/** Consumers have their new logins: these roles may no longer log in. For any member; idempotent. */
export function retiredRolesScript(members: readonly HostRef[], roles: readonly string[]): string {
  return [...beginning(members), ...roles.map((role) => `retire ${role}`), ""].join("\n");
}

/** Who is asked and how, and a leader that answers. */
function beginning(members: readonly HostRef[]): readonly string[] {
  return [
    "set -euo pipefail",
    "umask 077",
    `servers='host=${members.map(({ address }) => address).join(",")} port=${POSTGRES_PORT} target_session_attrs=read-write connect_timeout=3'`,
    `server_ca='sslmode=verify-ca sslrootcert=${PATRONI_TLS.ca}'`,
    `member_certificate='sslcert=${PATRONI_TLS.cert} sslkey=${PATRONI_TLS.key}'`,
    "cd /",
    ...FUNCTIONS,
    "",
    `wait_for_leader ${LEADER_WAIT_SECONDS}`,
    "",
  ];
}

function databaseLines({ name, owner, extensions, pooled }: DatabaseSpec): readonly string[] {
  return [
    `database ${name} ${owner}`,
    ...extensions.map((extension) => `extension ${name} ${extension}`),
    ...(pooled ? [`pooled ${name}`] : []),
  ];
}

function databaseOf(databases: readonly DatabaseSpec[], role: string): string {
  const found = databases.find(({ owner }) => owner === role);
  if (found === undefined) throw new Error(`role "${role}" owns no database`);
  return found.name;
}

function passwordOf(passwords: ReadonlyMap<string, string>, role: string): string {
  const password = passwords.get(role);
  if (password === undefined) throw new Error(`no password is declared for role "${role}"`);
  return password;
}

/** Bash functions: SQL goes in by standard input, names by psql's own variables, which quote them. */
const FUNCTIONS: readonly string[] = `
# admin DATABASE [psql options]: SQL from standard input, as the superuser, on the leader.
admin() {
  local database=$1
  shift
  PGOPTIONS='-c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic' \\
    runuser -u postgres -- psql -XqAt -v ON_ERROR_STOP=1 "$@" \\
    -d "$servers $server_ca $member_certificate user=${ADMIN_ROLE} dbname=$database"
}

wait_for_leader() {
  local deadline=$((SECONDS + $1))
  until admin postgres <<<'SELECT 1' >/dev/null 2>&1; do
    if ((SECONDS >= deadline)); then
      admin postgres <<<'SELECT 1' >/dev/null || true
      echo "no leader within $1 s; see 'patronictl -c /etc/patroni/config.yml list' and 'journalctl -u patroni' on the members" >&2
      return 1
    fi
    sleep 2
  done
  # From here on the leader alone: a replica that has not replayed a new database yet refuses for good.
  servers="host=$(admin postgres <<<'SELECT host(inet_server_addr())') port=${POSTGRES_PORT} target_session_attrs=read-write connect_timeout=3"
}

# settings ADDRESS:PORT...: gives the JSON on standard input to the first member that takes it.
settings() {
  python3 -c '
import base64, json, ssl, sys, urllib.request, yaml
wanted = json.loads(sys.stdin.read())
login = yaml.safe_load(open("/etc/patroni/config.yml"))["restapi"]["authentication"]
context = ssl.create_default_context(cafile="${PATRONI_TLS.ca}")
context.load_cert_chain("${PATRONI_TLS.cert}", "${PATRONI_TLS.key}")
basic = base64.b64encode((login["username"] + ":" + login["password"]).encode()).decode()
failures = []
for member in sys.argv[1:]:
    request = urllib.request.Request("https://" + member + "/config", json.dumps(wanted).encode(), method="PATCH",
        headers={"Authorization": "Basic " + basic, "Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, context=context, timeout=10).read()
        break
    except Exception as error:
        failures.append(member + ": " + str(error))
else:
    sys.exit("no member takes the cluster settings: " + "; ".join(failures))
' "$@"
}

role() {
  admin postgres -v role="$1" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \\gexec
SQL
}

# second ROLE OWNER: another login of the same consumer; what it makes belongs to the owner.
second() {
  role "$1"
  admin postgres -v role="$1" -v owner="$2" <<'SQL'
SELECT format('GRANT %I TO %I', :'owner', :'role') WHERE NOT pg_has_role(:'role', :'owner', 'MEMBER') \\gexec
ALTER ROLE :"role" SET role = :'owner';
SQL
}

# retire ROLE: once its sessions are gone, or time is up.
retire() {
  for _ in $(seq ${FAREWELL_SECONDS}); do
    if [[ $(admin postgres -v role="$1" <<<"SELECT count(*) FROM pg_stat_activity WHERE usename = :'role'") == 0 ]]; then break; fi
    sleep 1
  done
  admin postgres -v role="$1" >/dev/null <<'SQL'
SELECT format('ALTER ROLE %I PASSWORD NULL', rolname) FROM pg_authid WHERE rolname = :'role' AND rolpassword IS NOT NULL \\gexec
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :'role';
SQL
  echo "$1 may not log in any more"
}

watches() {
  admin postgres -v role="$1" <<'SQL'
GRANT pg_monitor TO :"role";
SQL
}

# password ROLE CONNECTION PASSWORD: sets it, unless the role can log in with it already.
password() {
  if PGPASSWORD=$3 psql -XqAt -d "$servers $server_ca user=$1 $2" <<<'SHOW server_version' >/dev/null 2>&1; then return 0; fi
  admin postgres -v role="$1" < <(printf "\\\\\\\\set password '%s'\\\\n%s\\\\n" "$3" "ALTER ROLE :\\"role\\" LOGIN PASSWORD :'password';")
  echo "password of $1 set"
}

database() {
  admin postgres -v db="$1" -v owner="$2" <<'SQL'
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING UTF8', :'db', :'owner')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'db') \\gexec
SELECT format('ALTER DATABASE %I OWNER TO %I', :'db', :'owner')
  WHERE (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = :'db') <> :'owner' \\gexec
REVOKE ALL ON DATABASE :"db" FROM PUBLIC;
SQL
  admin "$1" -v owner="$2" <<'SQL'
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO :"owner";
SQL
}

extension() {
  admin "$1" -v extension="$2" <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS :"extension";
SQL
}

pooled() {
  admin "$1" -v db="$1" <<'SQL'
SET client_min_messages = warning;
GRANT CONNECT ON DATABASE :"db" TO ${PGBOUNCER_ROLE};
CREATE SCHEMA IF NOT EXISTS ${PGBOUNCER_SCHEMA};
REVOKE ALL ON SCHEMA ${PGBOUNCER_SCHEMA} FROM PUBLIC;
GRANT USAGE ON SCHEMA ${PGBOUNCER_SCHEMA} TO ${PGBOUNCER_ROLE};
CREATE OR REPLACE FUNCTION ${PGBOUNCER_SCHEMA}.lookup(wanted text) RETURNS TABLE (username text, secret text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $lookup$
    SELECT usename::text, passwd FROM pg_shadow WHERE usename = wanted AND NOT usesuper AND NOT userepl
  $lookup$;
REVOKE ALL ON FUNCTION ${PGBOUNCER_SCHEMA}.lookup(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${PGBOUNCER_SCHEMA}.lookup(text) TO ${PGBOUNCER_ROLE};
SQL
}
`
  .trim()
  .split("\n");

# shellcheck shell=bash
# Brings the shared settings, roles, passwords, databases and extensions to what is declared. Changes nothing that is
# right already, and never drops anything.

# Given by the program:
patroni_members=('10.0.0.120:8008')
settings='{}'
own_passwords=('replicator replication=true secret')
pooler_role='pgbouncer_auth'
pooler_schema='pgbouncer'
pooler_password='secret'
monitor_role='keybuzz_monitor'
monitor_password='secret'
roles=('chatwoot')
seconds=('chatwoot_b chatwoot')
databases=('chatwoot chatwoot')
extensions=('chatwoot pg_trgm')
pooled=('chatwoot')
passwords=('chatwoot dbname=chatwoot secret')

# set_up_cluster ADDRESS:PORT...: gives the JSON on standard input to the first member that takes it.
set_up_cluster() {
  python3 -c '
import base64, json, ssl, sys, urllib.request, yaml
ca, cert, key, *members = sys.argv[1:]
wanted = json.loads(sys.stdin.read())
login = yaml.safe_load(open("/etc/patroni/config.yml"))["restapi"]["authentication"]
context = ssl.create_default_context(cafile=ca)
context.load_cert_chain(cert, key)
basic = base64.b64encode((login["username"] + ":" + login["password"]).encode()).decode()
failures = []
for member in members:
    request = urllib.request.Request("https://" + member + "/config", json.dumps(wanted).encode(), method="PATCH",
        headers={"Authorization": "Basic " + basic, "Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, context=context, timeout=10).read()
        break
    except Exception as error:
        failures.append(member + ": " + str(error))
else:
    sys.exit("no member takes the cluster settings: " + "; ".join(failures))
' "$tls_ca" "$tls_cert" "$tls_key" "$@"
}

role() { # ROLE
  admin postgres -v role="$1" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
SQL
}

# second ROLE OWNER: another login of the same consumer; what it makes belongs to the owner.
second() {
  role "$1"
  admin postgres -v role="$1" -v owner="$2" <<'SQL'
SELECT format('GRANT %I TO %I', :'owner', :'role') WHERE NOT pg_has_role(:'role', :'owner', 'MEMBER') \gexec
ALTER ROLE :"role" SET role = :'owner';
SQL
}

watches() { # ROLE
  admin postgres -v role="$1" <<'SQL'
GRANT pg_monitor TO :"role";
SQL
}

# password ROLE CONNECTION PASSWORD: sets it, unless the role can log in with it already.
password() {
  if PGPASSWORD=$3 psql -XqAt -d "$servers $server_ca user=$1 $2" <<<'SHOW server_version' >/dev/null 2>&1; then return 0; fi
  admin postgres -v role="$1" < <(printf "\\\\set password '%s'\n%s\n" "$3" "ALTER ROLE :\"role\" LOGIN PASSWORD :'password';")
  echo "password of $1 set"
}

database() { # DATABASE OWNER
  admin postgres -v db="$1" -v owner="$2" <<'SQL'
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING UTF8', :'db', :'owner')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'db') \gexec
SELECT format('ALTER DATABASE %I OWNER TO %I', :'db', :'owner')
  WHERE (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = :'db') <> :'owner' \gexec
REVOKE ALL ON DATABASE :"db" FROM PUBLIC;
SQL
  admin "$1" -v owner="$2" <<'SQL'
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO :"owner";
SQL
}

extension() { # DATABASE EXTENSION
  admin "$1" -v extension="$2" <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS :"extension";
SQL
}

# pool DATABASE: PgBouncer's role may look up its users' passwords there.
pool() {
  admin "$1" -v db="$1" -v pooler="$pooler_role" -v schema="$pooler_schema" <<'SQL'
SET client_min_messages = warning;
GRANT CONNECT ON DATABASE :"db" TO :"pooler";
CREATE SCHEMA IF NOT EXISTS :"schema";
REVOKE ALL ON SCHEMA :"schema" FROM PUBLIC;
GRANT USAGE ON SCHEMA :"schema" TO :"pooler";
CREATE OR REPLACE FUNCTION :"schema".lookup(wanted text) RETURNS TABLE (username text, secret text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $lookup$
    SELECT usename::text, passwd FROM pg_shadow WHERE usename = wanted AND NOT usesuper AND NOT userepl
  $lookup$;
REVOKE ALL ON FUNCTION :"schema".lookup(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION :"schema".lookup(text) TO :"pooler";
SQL
}

# each FUNCTION LINE...: calls it with the words of each line.
each() {
  local line words
  for line in "${@:2}"; do
    read -r -a words <<<"$line"
    "$1" "${words[@]}"
  done
}

# Patroni changes nothing when they are the same.
set_up_cluster "${patroni_members[@]}" <<<"$settings"

# Roles that Patroni made itself: only their passwords may have changed.
each password "${own_passwords[@]}"
# Looks up the others' passwords for PgBouncer.
if ((${#pooled[@]} > 0)); then
  role "$pooler_role"
  password "$pooler_role" dbname=postgres "$pooler_password"
fi
# Reads statistics, and no data.
if [[ -n $monitor_role ]]; then
  role "$monitor_role"
  watches "$monitor_role"
  password "$monitor_role" dbname=postgres "$monitor_password"
fi
# One role and one database for each consumer.
each role ${roles[@]+"${roles[@]}"}
each second ${seconds[@]+"${seconds[@]}"}
each database ${databases[@]+"${databases[@]}"}
each extension ${extensions[@]+"${extensions[@]}"}
each pool ${pooled[@]+"${pooled[@]}"}
each password ${passwords[@]+"${passwords[@]}"}

echo "databases: ${databases[*]%% *}"

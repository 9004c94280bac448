#!/bin/bash
# A job for any member of a PostgreSQL cluster, which finds the leader by itself. SQL goes in by standard input, names
# by psql's own variables, which quote them; passwords stand in the script, which comes by standard input, never in a
# command line.
set -euo pipefail
umask 077

# Given by the program:
members='10.0.0.120,10.0.0.121,10.0.0.122'
postgres_port=5432
admin_role='postgres'
tls_ca='/etc/patroni/tls/ca.crt'
tls_cert='/etc/patroni/tls/server.crt'
tls_key='/etc/patroni/tls/server.key'

# How long a new cluster may take until it has a leader.
leader_wait_seconds=300
to_leader="port=$postgres_port target_session_attrs=read-write connect_timeout=3"
servers="host=$members $to_leader"
server_ca="sslmode=verify-ca sslrootcert=$tls_ca"
member_certificate="sslcert=$tls_cert sslkey=$tls_key"
cd /

# admin DATABASE [psql options]: SQL from standard input, as the superuser, on the leader.
admin() {
  local database=$1
  shift
  PGOPTIONS='-c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic' \
    runuser -u postgres -- psql -XqAt -v ON_ERROR_STOP=1 "$@" \
    -d "$servers $server_ca $member_certificate user=$admin_role dbname=$database"
}

wait_for_leader() { # SECONDS
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
  servers="host=$(admin postgres <<<'SELECT host(inet_server_addr())') $to_leader"
}
wait_for_leader "$leader_wait_seconds"


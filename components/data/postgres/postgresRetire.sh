# shellcheck shell=bash
# Consumers have their new logins: these roles may no longer log in. Idempotent.

# Given by the program:
roles=('chatwoot')

# Pods that go may take so long to finish with their old login (Kubernetes gives them 30 s), pools to let go of it.
farewell_seconds=60

# retire ROLE: once its sessions are gone, or time is up.
retire() {
  for _ in $(seq "$farewell_seconds"); do
    if [[ $(admin postgres -v role="$1" <<<"SELECT count(*) FROM pg_stat_activity WHERE usename = :'role'") == 0 ]]; then break; fi
    sleep 1
  done
  admin postgres -v role="$1" >/dev/null <<'SQL'
SELECT format('ALTER ROLE %I PASSWORD NULL', rolname) FROM pg_authid WHERE rolname = :'role' AND rolpassword IS NOT NULL \gexec
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :'role';
SQL
  echo "$1 may not log in any more"
}
for role in "${roles[@]}"; do retire "$role"; done

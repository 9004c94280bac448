# shellcheck shell=bash
# For any member, once all accept the password: replicas and Sentinels use it; or once nobody has the ones before: they
# are refused. Idempotent.

# Given by the program:
act='use'
members=('10.0.0.130' '10.0.0.131' '10.0.0.132')
master='keybuzz'
redis_port=6379
sentinel_port=26379
password='new'
accounts=('default resetpass >new')

failed() { echo "Redis: $1: $2; remedy: see journalctl -u redis-server -u redis-sentinel there, then run again" >&2; exit 1; }

# tell COMMAND: every member's Redis takes it.
tell() {
  local member
  for member in "${members[@]}"; do
    REDISCLI_AUTH=$password redis-cli --no-auth-warning -h "$member" -p "$redis_port" <<<"$1" | all_ok || failed "$member" 'it does not take the command'
  done
}

case $act in
  use)
    tell "CONFIG SET masterauth $password"
    for member in "${members[@]}"; do
      # Only an answer that differs is told apart: what a Sentinel is set to cannot be asked for everywhere.
      redis-cli -h "$member" -p "$sentinel_port" <<<"SENTINEL SET $master auth-pass $password" | all_ok || failed "$member" 'its Sentinel does not take the password'
    done
    ;;
  retire)
    for account in ${accounts[@]+"${accounts[@]}"}; do tell "ACL SETUSER $account"; done
    ;;
esac

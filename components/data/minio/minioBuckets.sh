# shellcheck shell=bash
# Buckets, versioning, lifecycle, one account each; on one member. Idempotent. Secrets come by standard input.

# Given by the program:
buckets=('keybuzz-backups enable keybuzz-backups secret')
policies=('{}')
lifecycle='{}'

# attached USER POLICY. The user may be named as its policy is: only the list of policies counts.
attached() {
  mc admin policy entities store --user "$1" --json | tr -d '[:space:]' | grep "\"policies\":\[[^]]*\"$2\"" >/dev/null
}

for index in "${!buckets[@]}"; do
  read -r name versions access_key secret_key <<<"${buckets[index]}"
  mc mb --ignore-existing "store/$name"
  mc version "$versions" "store/$name"
  mc ilm import "store/$name" <<<"$lifecycle"
  mc admin user add store <<<"$access_key"$'\n'"$secret_key"
  echo "${policies[index]}" >"$MC_CONFIG_DIR/policy.json"
  mc admin policy create store "$name" "$MC_CONFIG_DIR/policy.json"
  attached "$access_key" "$name" || mc admin policy attach store "$name" --user "$access_key"
done

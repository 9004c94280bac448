# shellcheck shell=sh
# Each application reads below its own path of Vault, by the account of its own pods. Run in one of Vault's pods by
# whoever keeps it; idempotent.

# Given by the program:
apps='shop/connectors'
audience='vault'
set -eu

roles=' '
for app in $apps; do
  name=${app%%/*}
  namespace=${app#*/}
  role=app-$name
  roles="$roles$role "
  vault policy write "$role" - <<END
path "secret/data/apps/$name/*" {
  capabilities = ["read"]
}
END
  vault write "auth/kubernetes/role/$role" "bound_service_account_names=$name" \
    "bound_service_account_namespaces=$namespace" "audience=$audience" "token_policies=$role" token_ttl=1h
done

# Those of applications that are gone; what is not called "app-..." is somebody else's.
for role in $(vault list auth/kubernetes/role 2>/dev/null | grep '^app-' || true); do
  case "$roles" in *" $role "*) continue ;; esac
  vault delete "auth/kubernetes/role/$role"
  vault policy delete "$role"
done

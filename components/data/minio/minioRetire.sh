# shellcheck shell=bash
# Consumers have their new keys: those before go. For one member; idempotent.

# Given by the program:
access_keys=('keybuzz-chatwoot')

for key in "${access_keys[@]}"; do
  if mc admin user info store "$key" >/dev/null 2>&1; then mc admin user remove store "$key"; fi
done

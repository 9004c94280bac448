# shellcheck shell=bash
# On a member: its Redis accepts the password beside what it accepted before.

# Given by the program:
password='new'
known_file='/var/lib/keybuzz-redis-password'

accept() { # KNOWN-PASSWORD
  REDISCLI_AUTH=$1 redis-cli --no-auth-warning <<<"ACL SETUSER default >$password" | all_ok
}
# A member that was restarted since its files changed knows the new one only.
accepted=0
for known in "$(cat "$known_file" 2>/dev/null)" "$password"; do
  if accept "$known"; then accepted=1; break; fi
done
if ((accepted == 0)); then
  echo "Redis accepts neither the new password nor that in $known_file: restart it when the others are well" >&2
  exit 1
fi
(umask 077; cat >"$known_file.new" <<<"$password"; mv "$known_file.new" "$known_file")

# shellcheck shell=bash
# On a member: its Redis knows this plan's accounts, and accepts their passwords beside those that it accepted before.

# Given by the program:
password='new'
accounts=('n8n on >secret resetkeys ~n8n:* resetchannels &n8n:* -@all +@read')
others=('default' 'haproxy')
known_file='/var/lib/keybuzz-redis-password'
oldest=7

tell() { REDISCLI_AUTH=$known redis-cli --no-auth-warning; }
# A member that was restarted since its files changed knows the new one only.
accepted=0
for known in "$(cat "$known_file" 2>/dev/null)" "$password"; do
  if tell <<<"ACL SETUSER default >$password" | all_ok; then accepted=1; break; fi
done
if ((accepted == 0)); then
  echo "Redis accepts neither the new password nor that in $known_file: restart it when the others are well" >&2
  exit 1
fi
known=$password
(umask 077; cat >"$known_file.new" <<<"$password"; mv "$known_file.new" "$known_file")
running=$(tell <<<'INFO server' | sed -n 's/^redis_version:\([0-9]*\).*/\1/p')
if ((${running:-0} < oldest)); then
  echo "Redis ${running:-?} runs: the accounts come with Redis $oldest, in its turn"
else
  if ((${#accounts[@]} > 0)); then
    printf 'ACL SETUSER %s\n' "${accounts[@]}" | tell | all_ok || { echo 'Redis refuses an account; remedy: ACL LOG there' >&2; exit 1; }
  fi
  # Whose consumer is gone.
  wanted=" ${others[*]} ${accounts[*]%% *} "
  while read -r user; do
    if [[ $wanted != *" $user "* ]]; then tell <<<"ACL DELUSER $user" >/dev/null; fi
  done < <(tell <<<'ACL USERS')
fi

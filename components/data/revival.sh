# shellcheck shell=bash
# Follows a file that says when the daemon is ill, and how it restarts: the functions `ill` and `restart`.

# Given by the program:
unit='mariadb.service'
complaint='MariaDB has left its cluster'
patience_seconds=10
since='/run/keybuzz-mariadb-not-running'

if ! systemctl is-active --quiet "$unit" || ! ill; then
  rm -f "$since"
  exit 0
fi
if [[ ! -e $since ]]; then touch "$since"; fi
age=$(($(date +%s) - $(stat -c %Y "$since")))
echo "$complaint for $age s; after $patience_seconds s its daemon is restarted"
if ((age < patience_seconds)); then exit 0; fi
rm -f "$since"
restart

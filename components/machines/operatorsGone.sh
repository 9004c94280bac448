#!/bin/bash
# Removes the accounts of whoever is no operator any more, with everything that still runs for them. What is in their
# home stays, and belongs to root: the next account may get the same number.
set -euo pipefail

# Given by the program:
group='keybuzz-operators'
wanted=('alice' 'bob')

# Everything that was begun in their sessions, as root with sudo as well: by who logged in, where the kernel keeps that,
# and by who began it. The part of sshd that waits for a session's end is root's.
begun() { # NAME
  local uid place
  uid=$(id -u "$1")
  {
    pgrep -u "$1" || true
    pgrep -f "^sshd(-session)?: $1( |@|\$)" || true
    for place in /proc/[0-9]*; do
      [ "$(cat "$place/loginuid" 2>/dev/null || true)" != "$uid" ] || echo "${place#/proc/}"
    done
    echo children of all
    ps -eo pid=,ppid=
  } | awk '
    /^children/ { listed = 1; next }
    !listed { found[$1]; next }
    { parent[$1] = $2 }
    END {
      do {
        more = 0
        for (pid in parent) if (!(pid in found) && (parent[pid] in found)) { found[pid]; more = 1 }
      } while (more)
      for (pid in found) print pid
    }'
}

dismiss() { # NAME
  local home try left
  home=$(getent passwd "$1" | cut -d : -f 6)
  rm -f "/var/spool/cron/crontabs/$1" "/var/lib/systemd/linger/$1"
  usermod --expiredate 1 "$1"
  loginctl terminate-user "$1" 2>/dev/null || true
  for try in 1 2 3 4 5; do
    left=$(begun "$1")
    [ -n "$left" ] || break
    # Some of them end with others of them.
    xargs -r kill -KILL <<<"$left" 2>/dev/null || true
    sleep "0.$try"
  done
  if [ "$home" = "/home/$1" ] && [ -d "$home" ] && [ ! -L "$home" ]; then
    chown -R --no-dereference root:root "$home"
    chmod 0700 "$home"
  fi
  userdel --force "$1" 2>/dev/null || ! getent passwd "$1" >/dev/null
  if getent group "$1" >/dev/null; then groupdel "$1"; fi
}

members=$(getent group "$group" | cut -d : -f 4)
for name in ${members//,/ }; do
  printf '%s\n' "${wanted[@]}" | grep -xF -e "$name" >/dev/null || dismiss "$name"
done

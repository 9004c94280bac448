#!/bin/bash
# Removes the accounts of whoever is no operator any more, with everything that still runs for them. What is in their
# home stays, and belongs to root: the next account may get the same number.
set -euo pipefail

# Given by the program:
group='keybuzz-operators'
wanted=('alice' 'bob')

# With its sessions, the shells that sudo has started in them included.
dismiss() { # NAME
  local home try
  home=$(getent passwd "$1" | cut -d : -f 6)
  rm -f "/var/spool/cron/crontabs/$1" "/var/lib/systemd/linger/$1"
  usermod --expiredate 1 "$1"
  loginctl terminate-user "$1" 2>/dev/null || true
  for try in 1 2 3 4 5; do
    # The part of sshd that waits for a session's end is root's.
    pkill -KILL -f "^sshd(-session)?: $1( |@|\$)" || true
    pkill -KILL -u "$1" || true
    pgrep -u "$1" >/dev/null || break
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

#!/bin/sh
# Written by the infrastructure program: default route and name servers of a machine without a public interface.
set -eu

# Given by the program:
gateway='10.0.0.1'
name_servers='185.12.64.1 185.12.64.2'

device=
for _ in $(seq 120); do
  device=$(ip -4 route get "$gateway" 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p')
  [ -z "$device" ] || [ "$device" = lo ] || break
  device=
  sleep 1
done
[ -n "$device" ] || { echo "no interface leads to $gateway after 120 s" >&2; exit 1; }
ip -4 route replace default via "$gateway" dev "$device" onlink
if systemctl is-active --quiet systemd-resolved; then
  mkdir -p /etc/systemd/resolved.conf.d
  new="[Resolve]
DNS=$name_servers"
  if [ "$(cat /etc/systemd/resolved.conf.d/keybuzz.conf 2>/dev/null)" != "$new" ]; then
    printf '%s\n' "$new" >/etc/systemd/resolved.conf.d/keybuzz.conf
    systemctl restart systemd-resolved
  fi
elif ! grep -q '^nameserver' /etc/resolv.conf 2>/dev/null; then
  for server in $name_servers; do echo "nameserver $server" >>/etc/resolv.conf; done
fi

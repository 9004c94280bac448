#!/bin/sh
# Written by the infrastructure program: loads /etc/ufw/user*.rules without a moment without rules.
set -eu
if ! iptables -S ufw-user-input >/dev/null 2>&1 || ! ip6tables -S ufw6-user-input >/dev/null 2>&1; then
  /lib/ufw/ufw-init start quiet
fi
if iptables -C ufw-before-input -j ufw-user-input 2>/dev/null && ip6tables -C ufw6-before-input -j ufw6-user-input 2>/dev/null; then
  iptables-restore --noflush </etc/ufw/user.rules
  ip6tables-restore --noflush </etc/ufw/user6.rules
else
  # Somebody emptied its chains: they must be built anew.
  /lib/ufw/ufw-init force-reload
fi
# The way into its chains, in UFW's own order; it does not mend this by itself.
for chain in INPUT OUTPUT FORWARD; do
  hook=$(echo "$chain" | tr '[:upper:]' '[:lower:]')
  for part in before-logging before after after-logging reject track; do
    iptables -C "$chain" -j "ufw-$part-$hook" 2>/dev/null || iptables -A "$chain" -j "ufw-$part-$hook"
    ip6tables -C "$chain" -j "ufw6-$part-$hook" 2>/dev/null || ip6tables -A "$chain" -j "ufw6-$part-$hook"
  done
done
for tables in iptables ip6tables; do
  $tables -P INPUT DROP
  $tables -P FORWARD DROP
  $tables -P OUTPUT ACCEPT
done

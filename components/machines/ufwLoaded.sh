#!/bin/bash
# Succeeds while UFW's rules are in force: somebody may have flushed the tables by hand, or "started" a firewall that
# was not enabled.
set -euo pipefail

# Given by the program:
rules=12
rules6=4

iptables -S INPUT | grep -x -e '-P INPUT DROP' >/dev/null
iptables -S FORWARD | grep -x -e '-P FORWARD DROP' >/dev/null
iptables -C INPUT -j ufw-before-input
ip6tables -C INPUT -j ufw6-before-input
iptables -C ufw-before-input -j ufw-user-input
ip6tables -C ufw6-before-input -j ufw6-user-input
[[ $(iptables -S ufw-user-input | grep -c '^-A') == "$rules" ]]
[[ $(ip6tables -S ufw6-user-input | grep -c '^-A') == "$rules6" ]]

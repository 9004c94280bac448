#!/bin/bash
# May the RabbitMQ of this series take the place of the one that is installed? Before the packages are touched.
set -euo pipefail

# Given by the program:
series='3.13'
oldest='3.12'

installed=$(dpkg-query -W -f '${Version}' rabbitmq-server 2>/dev/null || true)
if [[ -z $installed ]] || dpkg --compare-versions "$installed" ge "$oldest"; then exit 0; fi
echo "RabbitMQ $installed is installed; allowed: $oldest or later, for $series takes over from no older one; fix: let the applications' queues run empty, then on every member: systemctl stop rabbitmq-server, apt-get purge rabbitmq-server, rm -r /var/lib/rabbitmq; the next run makes the cluster anew (docs/operate.md, RabbitMQ from an older series)" >&2
exit 1

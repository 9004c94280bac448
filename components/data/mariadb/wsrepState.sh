#!/bin/bash
# Answers one HTTP request about this member of Galera. Run per connection by systemd.

# Given by the program:
position='/run/keybuzz-galera-position'
names_cluster='^uuid: *[0-9a-f-]*[1-9a-f]'

# The request itself does not matter; it is read so that the answer is not cut off by a reset.
while read -r -t 1 line && [[ -n ${line%$'\r'} ]]; do :; done
state=$(timeout 1 mariadb -N -B -e "SELECT GROUP_CONCAT(VARIABLE_VALUE ORDER BY VARIABLE_NAME) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN ('WSREP_LOCAL_STATE', 'WSREP_READY')" 2>/dev/null)
if [[ $state == "4,ON" ]]; then status="200 OK"; else status="503 Service Unavailable"; fi
if grep -qs "$names_cluster" /var/lib/mysql/grastate.dat; then body="data=yes position=$(cat "$position" 2>/dev/null)"; else body=data=no; fi
printf "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" "$status" "${#body}" "$body"

#!/bin/bash
# Databases and accounts of MariaDB, on any member. SQL goes in by standard input.
set -euo pipefail

# Given by the program:
monitor='monitor monitorPassword'
databases=('erpnext erpnext password')

for _ in $(seq 150); do
  if [[ $(mariadb -N -B -e "SHOW STATUS LIKE 'wsrep_ready'" 2>/dev/null | cut -f2) == ON ]]; then break; fi
  sleep 2
done

account() { # USER PASSWORD
  printf "CREATE USER IF NOT EXISTS '%s'@'%%' IDENTIFIED BY '%s';\n" "$1" "$2"
  printf "ALTER USER '%s'@'%%' IDENTIFIED BY '%s';\n" "$1" "$2"
}

statements() {
  local user password database name
  read -r user password <<<"$monitor"
  account "$user" "$password"
  printf "GRANT USAGE, REPLICATION CLIENT ON *.* TO '%s'@'%%';\n" "$user"
  for database in ${databases[@]+"${databases[@]}"}; do
    read -r name user password <<<"$database"
    printf "CREATE DATABASE IF NOT EXISTS \`%s\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n" "$name"
    account "$user" "$password"
    printf "GRANT ALL PRIVILEGES ON \`%s\`.* TO '%s'@'%%';\n" "$name" "$user"
  done
}
mariadb <<<"$(statements)"

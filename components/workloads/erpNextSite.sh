#!/bin/bash
# Installs ERPNext's site into an empty database, or brings its tables to the image's version. May be repeated.
set -euo pipefail

# Given by the program:
bench='/home/frappe/frappe-bench'
python='/home/frappe/frappe-bench/env/bin/python'
state_check='/home/frappe/keybuzz/site_state.py'
host='erp.keybuzz.io'
db_host='10.0.0.20'
db_port=3306
db_name='erpnext'

cd "$bench"
mkdir -p "sites/$host"/{locks,logs,private/files,private/backups,public/files}
case "$("$python" "$state_check")" in
  installed)
    bench --site "$host" migrate ;;
  empty)
    # Database and user are there already; passwords are read from site_config.json.
    bench new-site --force --no-setup-db --db-host "$db_host" --db-port "$db_port" --db-name "$db_name" --install-app erpnext "$host" ;;
  *)
    echo "ERPNext: what is in the database is not known; nothing was changed" >&2
    exit 1 ;;
esac

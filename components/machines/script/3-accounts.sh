kb_group() { # NAME GID-OR-EMPTY
  local now
  KB_STEP="group/$1"
  now="$(getent group "$1" | cut -d : -f 3 || true)"
  if [ -z "$now" ]; then
    kb_run groupadd --system ${2:+--gid "$2"} "$1" || kb_fail "cannot make the group: $(kb_output)" "see getent group on the host"
    kb_changed "group $1 made"
  elif [ -n "$2" ] && [ "$now" != "$2" ]; then
    kb_fail "it exists with gid $now instead of $2" "declare gid $now, or change it on the host with all its files"
  fi
}

kb_user() { # NAME UID-OR-EMPTY GROUP-OR-EMPTY GROUPS-WITH-COMMAS-OR-EMPTY HOME SHELL
  local entry group of missing=()
  KB_STEP="user/$1"
  entry="$(getent passwd "$1" || true)"
  if [ -z "$entry" ]; then
    if [ -n "$3" ]; then of=(--gid "$3"); else of=(--user-group); fi
    kb_run useradd --system --no-create-home ${2:+--uid "$2"} "${of[@]}" ${4:+--groups "$4"} --home-dir "$5" --shell "$6" "$1" ||
      kb_fail "cannot make the user: $(kb_output)" "see getent passwd on the host; are its groups declared?"
    kb_changed "user $1 made"
    return 0
  fi
  if [ -n "$2" ] && [ "$(cut -d : -f 3 <<<"$entry")" != "$2" ]; then
    kb_fail "it exists with uid $(cut -d : -f 3 <<<"$entry") instead of $2" "declare that uid, or change it on the host with all its files"
  fi
  if [ "$(cut -d : -f 6,7 <<<"$entry")" != "$5:$6" ]; then
    kb_run usermod --home "$5" --shell "$6" "$1" || kb_fail "cannot change its home and shell: $(kb_output)" "end its processes and run again"
    kb_changed "user $1: home and shell set"
  fi
  for group in ${4//,/ }; do
    id -nG "$1" | tr ' ' '\n' | grep -xF "$group" >/dev/null || missing+=("$group")
  done
  if [ "${#missing[@]}" -gt 0 ]; then
    kb_run usermod --append --groups "$(IFS=,; printf '%s' "${missing[*]}")" "$1" || kb_fail "cannot add it to ${missing[*]}: $(kb_output)" "are these groups declared?"
    kb_changed "user $1 added to ${missing[*]}"
  fi
}

kb_known_owner() { # OWNER GROUP
  [ "$1" = root ] || getent passwd "$1" >/dev/null || kb_fail "its owner $1 does not exist" "declare the user, or the package that makes it"
  [ "$2" = root ] || getent group "$2" >/dev/null || kb_fail "its group $2 does not exist" "declare the group, or the package that makes it"
}

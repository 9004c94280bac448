# New content lies beside its target, so that one rename puts it in place, under a name that no daemon reads.
kb_temporary() { # PATH
  printf '%s/.%s.keybuzz-new' "$KB_ROOT${1%/*}" "${1##*/}"
}

kb_sha256() { # FILE
  sha256sum <"$1" | cut -d ' ' -f 1
}

kb_directory() { # PATH MODE OWNER GROUP
  KB_STEP="directory$1"
  if [ -d "$KB_ROOT$1" ] && [ "$(stat -L -c '%a %U %G' "$KB_ROOT$1")" = "$2 $3 $4" ]; then return 0; fi
  if [ -e "$KB_ROOT$1" ] && [ ! -d "$KB_ROOT$1" ]; then kb_fail "there is a file in its place" "move it away on the host"; fi
  kb_known_owner "$3" "$4"
  (umask 022 && mkdir -p "$KB_ROOT${1%/*}")
  install -d -m "$2" -o "$3" -g "$4" "$KB_ROOT$1" || kb_fail "cannot make it" "check free space and mounts on the host"
  kb_changed "directory $1 made or its mode set"
}

KB_STAGED=()
KB_STAGED_CHECKS=()
KB_STAGED_OPEN=()
KB_STAGED_MARKERS=()

# Content comes on standard input. MARKERS is one word list; VALIDATE has %s for the path.
kb_file() { # PATH MODE OWNER GROUP public|secret VALIDATE MARKERS
  local target="$KB_ROOT$1" temporary
  KB_STEP="file$1"
  temporary="$(kb_temporary "$1")"
  kb_keep content || kb_unwritten
  if [ -f "$target" ] && [ ! -L "$target" ] && cmp -s "$KB_WORK/content" "$target"; then
    rm -f "$temporary"
    if [ "$(stat -c '%a %U %G' "$target")" != "$2 $3 $4" ]; then
      kb_known_owner "$3" "$4"
      # shellcheck disable=SC2086 # markers are words without blanks
      kb_mark $7
      chown "$3:$4" "$target"
      chmod "$2" "$target"
      kb_changed "file $1: owner and mode set"
    fi
    return 0
  fi
  if [ -d "$target" ]; then kb_fail "there is a directory in its place" "move it away on the host"; fi
  kb_known_owner "$3" "$4"
  (umask 022 && mkdir -p "${target%/*}")
  if ! cp "$KB_WORK/content" "$temporary" 2>/dev/null; then
    rm -f "$temporary"
    kb_unwritten
  fi
  chown "$3:$4" "$temporary"
  chmod "$2" "$temporary"
  if [ -n "$6" ]; then
    KB_STAGED+=("$1")
    KB_STAGED_CHECKS+=("$6")
    KB_STAGED_OPEN+=("$5")
    KB_STAGED_MARKERS+=("$7")
    return 0
  fi
  kb_put "$1" "$7"
}

kb_unwritten() {
  kb_fail "its content could not be written whole" "check free space on the host, then run again"
}

kb_put() { # PATH MARKERS
  # shellcheck disable=SC2086 # markers are words without blanks
  kb_mark $2
  mv -f "$(kb_temporary "$1")" "$KB_ROOT$1"
  kb_changed "file $1 written"
}

# All files with a validation: first every one is checked, then all are put in place.
kb_put_validated() {
  local index path check temporary
  for index in "${!KB_STAGED[@]}"; do
    path="${KB_STAGED[$index]}"
    KB_STEP="file$path"
    temporary="$(kb_temporary "$path")"
    check="${KB_STAGED_CHECKS[$index]//%s/$temporary}"
    if kb_run timeout 60 bash -c "$check"; then continue; fi
    for path in "${KB_STAGED[@]}"; do rm -f "$(kb_temporary "$path")"; done
    if [ "${KB_STAGED_OPEN[$index]}" = secret ]; then
      kb_fail "its new content does not pass its validation; the running file is untouched" "see $KB_STATE/log on the host for the validator's words"
    fi
    kb_fail "its new content does not pass its validation; the running file is untouched: $(kb_output)" "correct the configuration that makes it"
  done
  for index in "${!KB_STAGED[@]}"; do
    KB_STEP="file${KB_STAGED[$index]}"
    kb_put "${KB_STAGED[$index]}" "${KB_STAGED_MARKERS[$index]}"
  done
  KB_STAGED=()
  KB_STAGED_CHECKS=()
  KB_STAGED_OPEN=()
  KB_STAGED_MARKERS=()
}

kb_binary() { # PATH MODE URL SHA256 TAR-MEMBER-OR-EMPTY MARKERS
  local target="$KB_ROOT$1" record="$KB_STATE/fetched/${1//\//%}" temporary
  KB_STEP="binary$1"
  temporary="$(kb_temporary "$1")"
  if [ -f "$target" ] && [ "$(cat "$record" 2>/dev/null)" = "$4 ${5:--} $(kb_sha256 "$target")" ]; then
    rm -f "$temporary"
    if [ "$(stat -c '%a %U %G' "$target")" != "$2 root root" ]; then
      chown root:root "$target"
      chmod "$2" "$target"
      kb_changed "binary $1: mode set"
    fi
    return 0
  fi
  kb_run curl -fsSL --proto '=https' --max-time 600 --retry 5 -o "$KB_WORK/download" "$3" ||
    kb_fail "cannot fetch $3: $(kb_output)" "check the URL, free space and the host's way out"
  [ "$(kb_sha256 "$KB_WORK/download")" = "$4" ] ||
    kb_fail "what $3 gave has sha256 $(kb_sha256 "$KB_WORK/download") instead of $4" "check the URL and the sum with the publisher"
  (umask 022 && mkdir -p "${target%/*}")
  if [ -n "$5" ]; then
    tar -xOf "$KB_WORK/download" "$5" >"$temporary" 2>/dev/null </dev/null || { rm -f "$temporary"; kb_fail "the archive has no $5, or the disk is full" "check tarMember and free space"; }
  else
    cp "$KB_WORK/download" "$temporary" || { rm -f "$temporary"; kb_fail "cannot write it" "check free space on the host"; }
  fi
  chown root:root "$temporary"
  chmod "$2" "$temporary"
  # shellcheck disable=SC2086 # markers are words without blanks
  kb_mark $6
  printf '%s %s %s\n' "$4" "${5:--}" "$(kb_sha256 "$temporary")" >"$KB_WORK/record"
  mv -f "$temporary" "$target"
  mv -f "$KB_WORK/record" "$record"
  rm -f "$KB_WORK/download"
  kb_changed "binary $1 fetched"
}

# State on the host, all below /var/lib/keybuzz (root only):
#   manifest   what the last run put here: "file PATH MARKER..." or "unit NAME", one a line
#   pending/   an empty file per MARKER: work that a changed file causes and that is not done yet
#   original/  files as they were before this program first replaced them
#   fetched/   per fetched binary: "SHA256-OF-DOWNLOAD MEMBER SHA256-OF-FILE"
#   log/       output of the last failed command of each step; log/changes: what the last run changed
#   state      hash of the last script that ran to its end
# KEYBUZZ_ROOT puts all paths below another root: for tests only.
KB_ROOT="${KEYBUZZ_ROOT:-}"
KB_STATE="$KB_ROOT/var/lib/keybuzz"
KB_WORK="$KB_STATE/work"
KB_HOST=unknown
KB_STEP=begin
KB_CHANGES=0
KB_NEW=

kb_fail() { # REASON REMEDY
  trap - ERR
  printf 'keybuzz: host %s: step %s: %s; remedy: %s\n' "$KB_HOST" "$KB_STEP" "$1" "$2" >&2
  exit 1
}

# What went wrong without a message of its own. The command's text is not shown: it may hold a secret.
kb_unexpected() { # STATUS LINE
  [ "$BASH_SUBSHELL" -eq 0 ] || exit "$1"
  kb_fail "unexpected status $1 at line $2 of the script" "see free space and $KB_STATE/log on the host, then run again"
}

# On a machine where no script has run to its end yet everything is a change: they are counted, not shown. Pulumi keeps
# what is shown.
kb_changed() { # WHAT
  KB_CHANGES=$((KB_CHANGES + 1))
  printf '%s\n' "$1" >>"$KB_STATE/log/changes"
  [ -n "$KB_NEW" ] || printf 'keybuzz: host %s: %s\n' "$KB_HOST" "$1"
}

kb_cleanup() {
  rm -rf "$KB_WORK"
  if [ -f "$KB_ROOT/usr/sbin/policy-rc.d" ] && grep -q '^# keybuzz' "$KB_ROOT/usr/sbin/policy-rc.d"; then
    rm -f "$KB_ROOT/usr/sbin/policy-rc.d"
  fi
}

# Runs a command with its output in the step's log, without the script's input and without its lock.
kb_run() { # COMMAND ARGUMENT...
  local status=0
  "$@" >"$KB_WORK/output" 2>&1 </dev/null 9>&- || status=$?
  if [ "$status" -ne 0 ]; then
    mkdir -p "$KB_STATE/log"
    cp "$KB_WORK/output" "$KB_STATE/log/${KB_STEP//\//_}.log" || true
  fi
  return "$status"
}

# The end of the output of the last kb_run, on one line.
kb_output() {
  tail -n 6 "$KB_WORK/output" | tr -s '[:space:]' ' ' | tr -cd '[:print:]' | tail -c 600 | sed 's/^ *//; s/ *$//'
}

kb_mark() { # MARKER...
  local marker
  for marker in "$@"; do
    [ -e "$KB_STATE/pending/$marker" ] || : >"$KB_STATE/pending/$marker"
  done
}

kb_pending() { # MARKER
  [ -e "$KB_STATE/pending/$1" ]
}

kb_done() { # MARKER...
  local marker
  for marker in "$@"; do rm -f "$KB_STATE/pending/$marker"; done
}

# Keeps standard input as $KB_WORK/NAME, without the newline that a here-document has more than its text.
kb_keep() { # NAME
  head -c -1 >"$KB_WORK/$1"
}

kb_begin() { # HOST HASH, the manifest on standard input
  KB_HOST="$1"
  KB_HASH="$2"
  umask 077
  trap 'kb_unexpected $? $LINENO' ERR
  [ "$(id -u)" = 0 ] || kb_fail "not root" "run it with sudo"
  mkdir -p "$KB_STATE"
  chmod 0700 "$KB_STATE"
  exec 9>"$KB_STATE/lock"
  flock -w 900 9 || kb_fail "another run holds the lock for 15 minutes" "wait for it, or end it on the host"
  rm -rf "$KB_WORK"
  mkdir -p "$KB_WORK" "$KB_STATE/pending" "$KB_STATE/original" "$KB_STATE/fetched" "$KB_STATE/log"
  : >"$KB_STATE/log/changes"
  [ -e "$KB_STATE/state" ] || KB_NEW=yes
  trap kb_cleanup EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  trap 'exit 129' HUP
  kb_keep manifest
  [ -e "$KB_STATE/manifest" ] || : >"$KB_STATE/manifest"
  kb_keep_originals
  # From here on until the end, the manifest lists what was and what shall be: nothing that a cut-off run
  # leaves behind is ever forgotten.
  sort -u "$KB_STATE/manifest" "$KB_WORK/manifest" >"$KB_STATE/manifest.new"
  cmp -s "$KB_STATE/manifest.new" "$KB_STATE/manifest" || mv -f "$KB_STATE/manifest.new" "$KB_STATE/manifest"
  rm -f "$KB_STATE/manifest.new"
}

# Files that this program is about to take over, as they are.
kb_keep_originals() {
  local kind path markers kept
  cut -d ' ' -f 1,2 "$KB_STATE/manifest" >"$KB_WORK/known"
  while read -r kind path markers; do
    [ "$kind" = file ] || continue
    if grep -qxF "file $path" "$KB_WORK/known"; then continue; fi
    [ -f "$KB_ROOT$path" ] || continue
    kept="$KB_STATE/original$path"
    mkdir -p "${kept%/*}"
    cp -a "$KB_ROOT$path" "$kept.new"
    mv -f "$kept.new" "$kept"
  done <"$KB_WORK/manifest"
}

# Removes what an earlier run put here and the configuration no longer has.
kb_drop() {
  local kind path markers
  KB_STEP=drop
  cut -d ' ' -f 1,2 "$KB_WORK/manifest" >"$KB_WORK/wanted"
  sort -r "$KB_STATE/manifest" >"$KB_WORK/had"
  while read -r kind path markers; do
    if grep -qxF "$kind $path" "$KB_WORK/wanted"; then continue; fi
    case "$kind" in
      unit)
        # Never the way in, nor the firewall: what no longer declares them must not switch them off.
        case "$path" in ssh.service | ssh.socket | ufw.service | systemd-*) continue ;; esac
        KB_STEP="drop/$path"
        if [ "$(kb_unit_state LoadState "$path")" != not-found ]; then
          kb_run systemctl disable --now "$path" || kb_fail "cannot stop and disable it: $(kb_output)" "see systemctl status $path on the host"
          kb_changed "unit $path stopped and disabled"
        fi
        kb_done "reload:$path" "restart:$path" "turn:$path"
        ;;
      file)
        KB_STEP="drop$path"
        # shellcheck disable=SC2086 # markers are words without blanks
        if [ -e "$KB_ROOT$path" ] || [ -e "$KB_STATE/original$path" ]; then kb_mark $markers; fi
        rm -f "$(kb_temporary "$path")"
        if [ -e "$KB_STATE/original$path" ]; then
          mkdir -p "$KB_ROOT${path%/*}"
          cp -a "$KB_STATE/original$path" "$(kb_temporary "$path")"
          mv -f "$(kb_temporary "$path")" "$KB_ROOT$path"
          rm -f "$KB_STATE/original$path"
          kb_changed "file $path put back as it was"
        elif [ -e "$KB_ROOT$path" ]; then
          rm -f "$KB_ROOT$path"
          kb_changed "file $path removed"
        fi
        rm -f "$KB_STATE/fetched/${path//\//%}"
        ;;
      *) kb_fail "the manifest has an entry of kind $kind" "look at $KB_STATE/manifest on the host" ;;
    esac
  done <"$KB_WORK/had"
}

kb_end() {
  KB_STEP=end
  local marker
  # What is still pending belongs to units and steps that are gone, but for restarts that wait for their turn.
  for marker in "$KB_STATE"/pending/*; do
    case "$marker" in
      */turn:*) ;;
      *) rm -f "$marker" ;;
    esac
  done
  if ! cmp -s "$KB_WORK/manifest" "$KB_STATE/manifest"; then
    cp "$KB_WORK/manifest" "$KB_STATE/manifest.new"
    mv -f "$KB_STATE/manifest.new" "$KB_STATE/manifest"
  fi
  if [ "$(cat "$KB_STATE/state" 2>/dev/null)" != "$KB_HASH" ]; then
    printf '%s\n' "$KB_HASH" >"$KB_STATE/state.new"
    mv -f "$KB_STATE/state.new" "$KB_STATE/state"
  fi
  if [ "$KB_CHANGES" -eq 0 ]; then
    printf 'keybuzz: host %s: no change\n' "$KB_HOST"
  else
    printf 'keybuzz: host %s: %s change(s)%s\n' "$KB_HOST" "$KB_CHANGES" "${KB_NEW:+ to a new machine, listed in its $KB_STATE/log/changes}"
  fi
}

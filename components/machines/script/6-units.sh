kb_unit_state() { # PROPERTY UNIT
  systemctl show --property "$1" --value "$2" 2>/dev/null </dev/null || true
}

kb_daemon_reload() {
  KB_STEP=daemon-reload
  kb_pending daemon-reload || return 0
  kb_run systemctl daemon-reload || kb_fail "systemd cannot read its units: $(kb_output)" "see systemctl status on the host"
  kb_done daemon-reload
}

# begun: its start waits for daemons on other machines, and nobody here waits for it.
kb_unit() { # NAME enabled|disabled running|stopped|onDemand [begun]
  local loaded files
  KB_STEP="unit/$1"
  loaded="$(kb_unit_state LoadState "$1")"
  if [ "$loaded" = not-found ] || [ -z "$loaded" ]; then
    if [ "$2 $3" = "enabled running" ] || [ "$2" = enabled ] || [ "$3" = running ]; then
      kb_fail "systemd does not know it" "declare the package or the unit file that brings it"
    fi
    return 0
  fi
  files="$(kb_unit_state UnitFileState "$1")"
  if [ "$2" = enabled ]; then
    if [ "$loaded" = masked ]; then
      kb_run systemctl unmask "$1" || kb_fail "cannot unmask it: $(kb_output)" "see systemctl status $1 on the host"
      files=disabled
    fi
    case "$files" in
      enabled | static | alias | generated | indirect | transient) ;;
      *)
        kb_run systemctl enable "$1" || kb_fail "cannot enable it: $(kb_output)" "see systemctl status $1 on the host"
        kb_changed "unit $1 enabled"
        ;;
    esac
  elif [ "$files" = enabled ]; then
    kb_run systemctl disable "$1" || kb_fail "cannot disable it: $(kb_output)" "see systemctl status $1 on the host"
    kb_changed "unit $1 disabled"
  fi
  case "$3" in
    running) if [ "${4:-}" = begun ]; then kb_unit_begun "$1"; else kb_unit_running "$1"; fi ;;
    stopped) kb_unit_stopped "$1" ;;
    onDemand) ;;
  esac
}

kb_unit_stopped() { # NAME
  case "$(kb_unit_state ActiveState "$1")" in
    inactive | failed) ;;
    *)
      kb_run systemctl stop "$1" || kb_fail "cannot stop it: $(kb_output)" "see systemctl status $1 on the host"
      kb_changed "unit $1 stopped"
      ;;
  esac
  kb_done "reload:$1" "restart:$1" "turn:$1"
}

kb_unit_reload() { # NAME
  kb_pending "reload:$1" || return 0
  kb_run systemctl reload "$1" || kb_fail "cannot reload it: $(kb_output)" "see journalctl -u $1 on the host; a unit that cannot reload wants restartOn"
  kb_changed "unit $1 reloaded"
}

# It runs, or begins to, with what it is to have now.
kb_unit_settled() { # NAME
  if kb_pending "turn:$1"; then kb_changed "unit $1 keeps running; its restart waits for its turn"; fi
  kb_done "reload:$1" "restart:$1"
}

kb_unit_running() { # NAME
  local active
  active="$(kb_unit_state ActiveState "$1")"
  if [ "$active" != active ] && [ "$active" != reloading ]; then
    [ "$active" != failed ] || kb_run systemctl reset-failed "$1" || true
    kb_done "turn:$1"
    kb_run systemctl start "$1" || kb_fail "cannot start it: $(kb_output)" "see journalctl -u $1 on the host"
    # A unit whose condition is not met (no clock to set in a container) is not a change, and not a failure.
    if [ "$(kb_unit_state ActiveState "$1")" = active ] || [ "$(kb_unit_state ConditionResult "$1")" = yes ]; then
      kb_changed "unit $1 started"
    fi
  elif kb_pending "restart:$1"; then
    kb_run systemctl restart "$1" || kb_fail "cannot restart it: $(kb_output)" "see journalctl -u $1 on the host"
    kb_changed "unit $1 restarted"
  else
    kb_unit_reload "$1"
  fi
  kb_unit_settled "$1"
}

kb_unit_begun() { # NAME
  local verb="" look
  case "$(kb_unit_state ActiveState "$1")" in
    active | reloading) if kb_pending "restart:$1"; then verb=restart; fi ;;
    # It waits for others, perhaps with the files of before.
    activating) if kb_pending "restart:$1" || kb_pending "turn:$1"; then verb=restart; fi ;;
    failed)
      kb_run systemctl reset-failed "$1" || true
      verb=start
      ;;
    *) verb=start ;;
  esac
  if [ -n "$verb" ]; then
    kb_run systemctl "$verb" --no-block "$1" || kb_fail "cannot $verb it: $(kb_output)" "see systemctl status $1 on the host"
    # What ends at once waits for nobody.
    for ((look = 0; look < 6; look++)); do
      sleep 0.5
      case "$(kb_unit_state ActiveState "$1")" in
        active) break ;;
        failed) kb_fail "it ended as soon as it was begun" "see journalctl -u $1 on the host" ;;
      esac
    done
    kb_changed "unit $1 begun"
    kb_done "turn:$1"
  else
    kb_unit_reload "$1"
  fi
  kb_unit_settled "$1"
}

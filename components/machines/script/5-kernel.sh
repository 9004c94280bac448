# A container shares its host's kernel and may not set everything.
kb_in_container() {
  systemd-detect-virt --container --quiet </dev/null
}

kb_module() { # NAME
  KB_STEP="module/$1"
  if [ -d "/sys/module/${1//-/_}" ] || kb_run modprobe "$1"; then return 0; fi
  if kb_in_container; then
    printf 'keybuzz: host %s: warning: kernel module %s cannot be loaded in a container\n' "$KB_HOST" "$1" >&2
    return 0
  fi
  kb_fail "cannot be loaded: $(kb_output)" "check that the host's kernel has it"
}

kb_sysctl() { # KEY VALUE
  local now
  KB_STEP="sysctl/$1"
  now="$(sysctl -n "$1" 2>/dev/null </dev/null | tr -s '[:space:]' ' ' || true)"
  if [ "${now% }" = "$2" ]; then return 0; fi
  if kb_run sysctl -q -w "$1=$2"; then
    kb_changed "sysctl $1 set"
    return 0
  fi
  if kb_in_container; then
    printf 'keybuzz: host %s: warning: sysctl %s cannot be set in a container\n' "$KB_HOST" "$1" >&2
    return 0
  fi
  kb_fail "cannot be set: $(kb_output)" "check that the host's kernel knows the key; is its module declared?"
}

# apt: waits for other package managers, finishes what an interrupted one left.
kb_apt() { # ARGUMENT...
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l kb_run apt-get -q -y \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "$@"
}

# The lock of the lists knows no timeout of its own, and mirrors are in motion: some attempts.
kb_apt_update() {
  local attempt
  for attempt in 1 2 3 4 5 6; do
    if kb_apt update -o APT::Update::Error-Mode=any; then
      kb_done apt-update
      return 0
    fi
    [ "$attempt" = 6 ] || sleep 10
  done
  kb_fail "cannot update the package lists: $(kb_output)" "check the host's way out (default route, NAT on the bastion, DNS), then run again"
}

KB_PACKAGES=()
KB_HELD=()
kb_package() { # NAME VERSION-OR-EMPTY
  local status version
  KB_STEP="package/$1"
  read -r status version < <(dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null || true) || true
  # shellcheck disable=SC2053 # the wanted version may end in *
  if [ "${status:-}" = installed ] && { [ -z "$2" ] || [[ "${version:-}" == $2 ]]; }; then
    [ -z "$2" ] || kb_hold "$1"
    return 0
  fi
  KB_PACKAGES+=("$1${2:+=$2}")
  [ -z "$2" ] || KB_HELD+=("$1")
}

kb_hold() { # NAME
  if apt-mark showhold "$1" 2>/dev/null </dev/null | grep -xF "$1" >/dev/null; then return 0; fi
  kb_run apt-mark hold "$1" || kb_fail "cannot hold the package at its version: $(kb_output)" "see apt-mark on the host"
}

kb_install_packages() {
  local name
  KB_STEP=packages
  if [ -n "$(dpkg --audit 2>/dev/null </dev/null)" ]; then
    DEBIAN_FRONTEND=noninteractive kb_run dpkg --configure -a --force-confdef --force-confold ||
      kb_fail "cannot finish an interrupted installation: $(kb_output)" "run dpkg --configure -a on the host"
  fi
  if [ "${#KB_PACKAGES[@]}" -gt 0 ]; then
    kb_apt_update
    kb_deny_starts
    kb_apt install --no-install-recommends --allow-downgrades --allow-change-held-packages "${KB_PACKAGES[@]}" ||
      kb_fail "cannot install ${KB_PACKAGES[*]}: $(kb_output)" "check names and versions against the host's repositories (apt-cache policy)"
    kb_allow_starts
    for name in "${KB_HELD[@]+"${KB_HELD[@]}"}"; do kb_hold "$name"; done
    kb_changed "packages installed: ${KB_PACKAGES[*]}"
    KB_PACKAGES=()
    KB_HELD=()
  elif kb_pending apt-update; then
    kb_apt_update
  fi
}

# Daemons start when their configuration is in place, not when their package is unpacked. Holds only while
# this process lives, so that a killed run leaves nothing that would stop later upgrades from restarting them.
kb_deny_starts() {
  local policy="$KB_ROOT/usr/sbin/policy-rc.d"
  if [ -e "$policy" ] && ! grep -q '^# keybuzz' "$policy"; then return 0; fi
  mkdir -p "${policy%/*}"
  printf '#!/bin/sh\n# keybuzz: no starts while process %s installs packages\nkill -0 %s 2>/dev/null || exit 0\nexit 101\n' $$ $$ >"$policy"
  chmod 0755 "$policy"
}

kb_allow_starts() {
  local policy="$KB_ROOT/usr/sbin/policy-rc.d"
  if [ -e "$policy" ] && grep -q '^# keybuzz' "$policy"; then rm -f "$policy"; fi
}

# A source whose key is not there, not any more, or not alone makes every update of the lists fail, also the one that
# would bring the tools to fetch the key with: it waits aside until its key is there.
kb_apt_aside() { # SOURCE KEY FINGERPRINT
  KB_STEP="apt-key$2"
  if [ ! -e "$KB_ROOT$1" ] || kb_key_good "$KB_ROOT$2" "$3"; then return 0; fi
  kb_mark apt-update
  rm -f "$KB_ROOT$1"
  kb_changed "file $1 waits for its key"
}

# Whatever else the owner publishes beside the pinned key would be trusted as well: that one alone is kept.
kb_apt_key() { # PATH URL FINGERPRINT
  local keyring="$KB_WORK/keyring"
  KB_STEP="apt-key$1"
  if kb_key_good "$KB_ROOT$1" "$3"; then return 0; fi
  kb_run curl -fsSL --proto '=https' --max-time 60 --retry 3 -o "$KB_WORK/key" "$2" ||
    kb_fail "cannot fetch $2: $(kb_output)" "check the URL and the host's way out"
  rm -rf "$keyring"
  mkdir -m 0700 "$keyring"
  kb_run gpg --batch --no-options --homedir "$keyring" --import "$KB_WORK/key" ||
    kb_fail "what $2 sends is no key: $(kb_output)" "check the URL with the repository's owner"
  kb_run gpg --batch --no-options --homedir "$keyring" --armor --output "$KB_WORK/pinned" --export-options export-minimal --export "$3" || true
  [ -s "$KB_WORK/pinned" ] || kb_fail "the key from $2 lacks fingerprint $3" "check both with the repository's owner"
  kb_key_good "$KB_WORK/pinned" "$3" ||
    kb_fail "the key $3 from $2 has expired, is revoked, or cannot sign" "ask the repository's owner for its successor, and pin that one; is the host's clock right?"
  kb_mark apt-update
  mkdir -p "$KB_ROOT${1%/*}"
  install -m 0644 "$KB_WORK/pinned" "$(kb_temporary "$1")"
  mv -f "$(kb_temporary "$1")" "$KB_ROOT$1"
  kb_changed "apt key $1 fetched"
}

# Is it this key, nothing beside it, not past its end, and able to sign? (doc/DETAILS of GnuPG: field 2 validity,
# 7 end, 12 capabilities, small letters for the key's own)
kb_key_good() { # PATH FINGERPRINT
  [ -s "$1" ] || return 1
  gpg --batch --no-options --homedir "$KB_WORK" --with-colons --show-keys "$1" 2>/dev/null </dev/null |
    awk -F : -v now="$(date +%s)" -v wanted="$2" '
      $1 == "pub" || $1 == "sub" { kind = $1; ended = $2 ~ /[ri]/ || ($7 != "" && $7 + 0 <= now + 0) }
      $1 == "pub" { keys++; primary = !ended }
      ($1 == "pub" || $1 == "sub") && !ended && $12 ~ /s/ { signs = 1 }
      $1 == "fpr" && kind == "pub" { fingerprint = $10; kind = "" }
      END { exit !(keys == 1 && fingerprint == wanted && primary && signs) }'
}

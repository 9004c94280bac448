# shellcheck shell=bash
# until_whole WHEN: returns when `whole` succeeds; after whole_seconds it calls `stop WHERE`.
until_whole() {
  local deadline=$((SECONDS + whole_seconds))
  until said="$(whole 2>&1)"; do
    if ((SECONDS >= deadline)); then stop "$1 the cluster is not whole"; fi
    sleep 1
  done
}


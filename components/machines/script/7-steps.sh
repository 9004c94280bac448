# Commands come from files that only root reads, never as arguments.
kb_step() { # ID unless|changed public|secret TIMEOUT-SECONDS; $KB_WORK/run and $KB_WORK/unless hold the commands
  KB_STEP="$1"
  if [ "$2" = unless ]; then
    if kb_run timeout 60 bash "$KB_WORK/unless"; then return 0; fi
  else
    kb_pending "step:$1" || return 0
  fi
  if ! kb_run timeout "$4" bash "$KB_WORK/run"; then
    if [ "$3" = secret ]; then kb_fail "a command failed" "see $KB_STATE/log/$1.log on the host"; fi
    kb_fail "a command failed: $(kb_output)" "see $KB_STATE/log/$1.log on the host"
  fi
  if [ "$2" = unless ] && ! kb_run timeout 60 bash "$KB_WORK/unless"; then
    kb_fail "it ran, but its condition still does not hold" "compare its commands with its condition"
  fi
  kb_done "step:$1"
  kb_changed "step $1 done"
}

kb_check() { # ID ATTEMPTS INTERVAL-SECONDS REMEDY; $KB_WORK/check holds the command
  local attempt
  KB_STEP="check/$1"
  for ((attempt = 1; attempt <= $2; attempt++)); do
    if kb_run timeout 30 bash "$KB_WORK/check"; then return 0; fi
    [ "$attempt" -eq "$2" ] || sleep "$3"
  done
  kb_fail "fails after $2 attempt(s), $3 s apart: $(kb_output)" "$4"
}

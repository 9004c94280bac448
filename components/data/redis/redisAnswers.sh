#!/bin/bash
# Redis' passwords change without a restart, and without a moment in which anybody is refused (redisPasswords.ts).
set -euo pipefail

# Redis' answers on standard input, one a line: all of them must be OK.
all_ok() { awk '$0 != "OK" { bad = 1 } END { exit bad || NR == 0 }'; }


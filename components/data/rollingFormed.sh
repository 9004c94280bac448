# shellcheck shell=bash
# For any member, when all are configured: waits until every one takes part.

# Given by the program:
cluster='Redis'
whole_seconds=300

# Read whole before anything runs: some commands take whatever is left of standard input, and that is this script.
{
stop() {
  echo "$cluster: $1: ${said:-no answer}; remedy: mend it (see the members' journals), then run the same command again" >&2
  exit 1
}
until_whole "$whole_seconds s after all members were configured"
echo "$cluster: every member takes part"
} </dev/null

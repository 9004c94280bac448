import type { HostConfigPart } from "../machines/hostConfig";

/** A daemon that runs, takes no part in its cluster any more, and does not come back by itself. */
export interface RevivalArgs {
  /** In names of files and units. */
  readonly name: string;
  /** The daemon as people call it. */
  readonly service: string;
  readonly unit: string;
  /** Bash, with functions of its own: fails as long as all is well, or another start would change nothing. */
  readonly ill: string;
  /** What is wrong, for the journal. */
  readonly complaint: string;
  /** It may take so long to come back by itself. */
  readonly patienceSeconds: number;
  /** Bash. */
  readonly restart: string;
}

/** Looks every quarter of a minute and starts the daemon again where nothing else would. */
export function revival(args: RevivalArgs): HostConfigPart {
  const { name, service } = args;
  const path = `/usr/local/sbin/keybuzz-${name}-revive`;
  return {
    files: [{ path, content: revivalScript(args), mode: "0755" }],
    timers: [
      {
        name: `keybuzz-${name}-revive`,
        description: `Restart ${service} where it does not come back after a pause`,
        onCalendar: "*-*-* *:*:00/15",
        command: path,
        timeoutSeconds: 120,
      },
    ],
  };
}

/** Bash for root. @param since file whose age tells for how long it has been ill. */
export function revivalScript(args: RevivalArgs, since = `/run/keybuzz-${args.name}-not-running`): string {
  const { ill, complaint, patienceSeconds, restart, unit } = args;
  return `#!/bin/bash
set -euo pipefail
${ill.trim()}
if ! systemctl is-active --quiet ${unit} || ! ill; then
  rm -f ${since}
  exit 0
fi
if [[ ! -e ${since} ]]; then touch ${since}; fi
age=$(($(date +%s) - $(stat -c %Y ${since})))
echo "${complaint} for $age s; after ${patienceSeconds} s its daemon is restarted"
if ((age < ${patienceSeconds})); then exit 0; fi
rm -f ${since}
${restart.trim()}
`;
}

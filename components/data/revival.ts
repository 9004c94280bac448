import { join } from "node:path";
import type { HostConfigPart } from "../machines/hostConfig";
import { shellScript } from "../machines/shellScript";

/** A daemon that runs, takes no part in its cluster any more, and does not come back by itself. */
export interface RevivalArgs {
  /** In names of files and units. */
  readonly name: string;
  /** The daemon as people call it. */
  readonly service: string;
  readonly unit: string;
  /**
   * Bash with two functions: `ill` fails as long as all is well, or another start would change nothing; `restart`
   * starts the daemon again.
   */
  readonly functions: string;
  /** What is wrong, for the journal. */
  readonly complaint: string;
  /** It may take so long to come back by itself. */
  readonly patienceSeconds: number;
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

/** Bash for root. */
export function revivalScript({ name, unit, functions, complaint, patienceSeconds }: RevivalArgs): string {
  return (
    functions +
    shellScript(join(__dirname, "revival.sh"), {
      unit,
      complaint,
      patience_seconds: patienceSeconds,
      // Its age tells for how long the daemon has been ill.
      since: `/run/keybuzz-${name}-not-running`,
    })
  );
}

import { join } from "node:path";
import { CHECK_DEFAULTS, type CheckSpec, type HostConfig } from "./hostConfig";
import { unpackScript } from "./packScript";
import { shellWords } from "./shellQuote";
import { shellScript } from "./shellScript";

/** Of joined.sh, by which it is told from any other script. */
const FIRST_LINE =
  "# Waits until this host's daemons and those of other machines, which wait for each other, have started.\n";
/** For one attempt of a check, as in the host's own script. */
const ATTEMPT_SECONDS = 30;

/** Does this host have daemons that wait for those of other machines? */
export function joins({ joined }: HostConfig): boolean {
  return joined.length > 0;
}

/**
 * What a host runs once the machines that its daemons wait for are configured: it ends when they have started, and
 * fails when one of them has failed or keeps ending. Texts hold secret placeholders where the checks do.
 */
export function joinedScript({ host, joined, units }: HostConfig): string {
  const begun = units.filter(({ state, waitsForPeers }) => state === "running" && waitsForPeers === true);
  return shellScript(join(__dirname, "joined.sh"), {
    host,
    units: begun.map(({ name }) => name),
    names: joined.map(({ id }) => id),
    commands: joined.map(({ command }) => command),
    attempts: joined.map((check) => String(attemptsOf(check))),
    intervals: joined.map((check) => String(intervalOf(check))),
    remedies: joined.map(({ remedy }) => remedy),
    progress: joined.map((check) => check.progress?.command ?? "false"),
    progress_seconds: joined.map((check) => String(progressSeconds(check))),
  });
}

/** The units that such a script waits for; none in any other text. */
export function awaitedUnits(script: string): readonly string[] {
  const text = unpackScript(script);
  if (!text.includes(FIRST_LINE)) return [];
  return shellWords(/^units=\(([^)]*)\)/m.exec(text)?.[1]?.trim().replace(/\s+/g, " ") ?? "");
}

/** The longest that it can take. */
export function joinedSeconds({ joined }: HostConfig): number {
  return joined.reduce(
    (sum, check) => sum + attemptsOf(check) * (intervalOf(check) + ATTEMPT_SECONDS) + progressSeconds(check),
    0,
  );
}

const progressSeconds = ({ progress }: CheckSpec): number => (progress?.hours ?? 0) * 3600;
const attemptsOf = ({ attempts }: CheckSpec): number => attempts ?? CHECK_DEFAULTS.attempts;
const intervalOf = ({ intervalSeconds }: CheckSpec): number => intervalSeconds ?? CHECK_DEFAULTS.intervalSeconds;

// How the commands of tools/ end.

/** Exit code of whatever somebody gave wrongly. */
export const BAD_INPUT = 2;

/** What was asked for wrongly: told with how it is done. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Command {
  /** Told after a {@link UsageError}, and after what `parseArgs` refuses. */
  readonly usage: string;
  /** Errors about what somebody gave: their words are all that is told. Anything else is told with its trace. */
  readonly told: readonly (abstract new (...args: never[]) => Error)[];
  /** Exit code of anything else. Default 1. */
  readonly failed?: number;
}

/** Runs a command with the arguments of this process, and ends it. @param main returns its exit code */
export function runCommand(
  main: (argv: readonly string[]) => number | Promise<number>,
  { usage, told, failed = 1 }: Command,
): void {
  const run = async (): Promise<number> => main(process.argv.slice(2));
  run().then(
    (code) => process.exit(code),
    (error: unknown) => {
      const misused = isMisuse(error);
      const known = misused || told.some((one) => error instanceof one);
      const text = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
      process.stderr.write(`${text}\n${misused ? `\n${usage}` : ""}`);
      process.exit(known ? BAD_INPUT : failed);
    },
  );
}

/** Ours, or one of parseArgs: any other TypeError is a mistake of the program's own. */
function isMisuse(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}

// How the commands of tools/ are asked, and how they end.
import {
  CommandLineError,
  readCommandLine,
  type CommandLineSpec,
  type Given,
  type OptionSpec,
  type WordSpec,
} from "@standin/common/commandLine";
import { nearest } from "../components/nearest";

export type { Given };

/** Exit code of whatever somebody gave wrongly. */
export const BAD_INPUT = 2;

/** What was asked for wrongly: told with how it is done. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Command {
  /** The npm script. */
  readonly script: string;
  readonly options?: Readonly<Record<string, OptionSpec>>;
  readonly words?: readonly WordSpec[];
  /** Told with --help, and after whatever was given wrongly; it names every exit code. */
  readonly usage: string;
  /** Errors about what somebody gave: their words are all that is told. Anything else is told with its trace. Default: none. */
  readonly told?: readonly (abstract new (...args: never[]) => Error)[];
  /** Exit code of anything else. Default 1. */
  readonly failed?: number;
  /** Default: this process' own. */
  readonly argv?: readonly string[];
}

/** Runs a command with the arguments of this process, and ends it. @param main returns its exit code */
export function runCommand(main: (given: Given) => number | Promise<number>, command: Command): void {
  const { script, options = {}, words = [], usage, told = [], failed = 1, argv = process.argv.slice(2) } = command;
  // Whatever ends without a word has done nothing.
  process.exitCode = failed;
  const spec: CommandLineSpec = { script, options, words, nearest };
  const run = async (): Promise<number> => {
    const given = readCommandLine(spec, argv);
    if (!given.help) return main(given);
    process.stdout.write(usage);
    return 0;
  };
  run().then(
    (code) => process.exit(code),
    (error: unknown) => {
      const misused = error instanceof UsageError || error instanceof CommandLineError;
      const known = misused || told.some((one) => error instanceof one);
      const text = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
      process.stderr.write(`${text}\n${misused ? `\n${usage}` : ""}`);
      process.exit(known ? BAD_INPUT : failed);
    },
  );
}

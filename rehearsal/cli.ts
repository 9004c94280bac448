// `npm run rehearse`: the whole estate against a cloud on this machine. See docs/rehearsal.md.
import { EngineError } from "@standin/pulumi-engine/errors";
import { BAD_INPUT, DONE, FAILED } from "./cli/exitCodes";
import { parseOptions, UsageError, USAGE } from "./cli/options";
import { lineProgress } from "./cli/progress";
import { printStatus } from "./cli/status";
import { systemError } from "./cli/systemErrors";
import { treeProgress } from "./cli/treeProgress";
import { knownStacks, MistakesError } from "./estate";
import { LocalCloudError } from "./localCloudError";

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(USAGE);
    return DONE;
  }
  const options = parseOptions(argv, knownStacks());
  // Standard output belongs to the result; progress goes to standard error.
  const progress = (process.stderr.isTTY ? treeProgress : lineProgress)(process.stderr, options.json);
  try {
    if (options.command === "status") return printStatus(options, process.stdout);
    progress.line(`${options.command} of ${options.stack}: the program and its local cloud are started ...`);
    // Loaded when it is needed: the engine, its providers and the cloud take a second that mistakes and status need not wait.
    const { execute } = await import("./cli/execute.js");
    return await execute(options.command, options, progress);
  } finally {
    progress.close();
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const known = [UsageError, EngineError, LocalCloudError, MistakesError].some((kind) => error instanceof kind);
    const words = error instanceof Error ? (known ? error.message : (systemError(error) ?? error.stack)) : undefined;
    process.stderr.write(`${words ?? String(error)}\n`);
    process.exitCode = error instanceof UsageError ? BAD_INPUT : FAILED;
  },
);

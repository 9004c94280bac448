import { spawn } from "node:child_process";
import type { ResourceContext } from "../../provider";
import type { LocalInputs } from "./commandInputs";
import { CommandError, failureText, logOutput, trimEnd, type IsShown, type RunResult } from "./runResult";

/**
 * Runs one command of a command:local:Command (or of command:local:run) on this machine.
 * @throws CommandError with exit status and the end of its error output.
 */
export async function runLocal(
  ctx: ResourceContext,
  inputs: Pick<LocalInputs, "interpreter" | "dir" | "environment" | "stdin" | "logging">,
  command: string,
  previous: Readonly<Record<string, string>>,
  signal: AbortSignal,
  isShown: IsShown,
): Promise<RunResult> {
  const [program = "/bin/sh", ...args] = inputs.interpreter ?? ["/bin/sh", "-c"];
  const result = await new Promise<RunResult>((resolve, reject) => {
    // A group of its own: on cancellation, what it started ends with it.
    const child = spawn(program, [...args, command], {
      ...(inputs.dir === undefined ? {} : { cwd: inputs.dir }),
      env: { ...process.env, ...previous, ...inputs.environment },
      detached: true,
      stdio: "pipe",
    });
    let stdout = "";
    let stderr = "";
    const abort = (): void => {
      if (child.pid !== undefined) {
        try {
          process.kill(-child.pid, "SIGTERM");
        } catch {
          // It has ended by itself.
        }
      }
    };
    signal.addEventListener("abort", abort, { once: true });
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    child.stdin.on("error", () => undefined);
    child.on("error", (error) =>
      reject(
        new CommandError(
          ctx,
          "this machine",
          `step start: ${program} cannot be started (${error.message})`,
          "check interpreter and dir",
        ),
      ),
    );
    child.on("close", (code) => {
      signal.removeEventListener("abort", abort);
      resolve({ stdout, stderr, exitCode: code ?? undefined });
    });
    if (signal.aborted) abort();
    child.stdin.end(inputs.stdin ?? "");
  });
  logOutput(ctx, inputs.logging, result);
  if (result.exitCode !== 0) {
    const why = failureText(result, [inputs.stdin, ...Object.values(inputs.environment ?? {})], isShown);
    throw new CommandError(ctx, "this machine", `step command: ${why}`, "correct the cause and run again");
  }
  return { ...result, stdout: trimEnd(result.stdout), stderr: trimEnd(result.stderr) };
}

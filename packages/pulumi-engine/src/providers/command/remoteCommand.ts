import type { Client } from "ssh2";
import type { ResourceContext } from "../../provider";
import type { RemoteInputs } from "./commandInputs";
import { CommandError, failureText, logOutput, trimEnd, type IsShown, type RunResult } from "./runResult";
import { ConnectError, openSession } from "./sshSession";

/**
 * Runs one command of a command:remote:Command on its host, each on a connection of its own.
 * @throws CommandError naming host, step and remedy.
 */
export async function runRemote(
  ctx: ResourceContext,
  inputs: RemoteInputs,
  command: string,
  signal: AbortSignal,
  isShown: IsShown,
  localAddress?: string,
): Promise<RunResult> {
  const { connection } = inputs;
  const place = `host ${connection.host}`;
  const onRetry = (message: string): void => ctx.log("debug", message);
  const session = await openSession(connection, signal, onRetry, localAddress).catch((error: unknown) => {
    if (error instanceof ConnectError) throw new CommandError(ctx, place, `step connect: ${error.why}`, error.remedy);
    const why = signal.aborted ? "was cancelled, or ran out of time" : String(error);
    throw new CommandError(ctx, place, `step connect: ${why}`, "run again; nothing was run on the host");
  });
  const abort = (): void => session.close();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const result = await exec(session.client, command, inputs.stdin);
    logOutput(ctx, inputs.logging, result);
    if (result.exitCode !== 0) {
      const why = signal.aborted
        ? "was cancelled"
        : failureText(result, [inputs.stdin, connection.privateKey, connection.password], isShown);
      throw new CommandError(
        ctx,
        place,
        `step command: ${why}`,
        "correct the cause on the host or in the program, and run again; what was done stays done",
      );
    }
    return { ...result, stdout: trimEnd(result.stdout), stderr: trimEnd(result.stderr) };
  } finally {
    signal.removeEventListener("abort", abort);
    session.close();
  }
}

/** Runs a command on a connection. @returns what it said; without an exit code where the connection broke. */
export function exec(client: Client, command: string, stdin: string | undefined): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    let exitCode: number | undefined;
    const end = (): void => resolve({ stdout, stderr, exitCode });
    // A channel through a bastion closes only once what was sent has reached the host; one that has lost its power
    // never takes it, and the bastion's kernel tries for a quarter of an hour.
    client.once("error", end).once("close", end);
    client.exec(command, (error, channel) => {
      if (error !== undefined) {
        reject(error);
        return;
      }
      channel.setEncoding("utf8");
      channel.stderr.setEncoding("utf8");
      channel.on("data", (chunk: string) => (stdout += chunk));
      channel.stderr.on("data", (chunk: string) => (stderr += chunk));
      channel.on("exit", (code: number | null) => (exitCode = code ?? undefined));
      channel.on("error", () => undefined);
      channel.on("close", end);
      channel.end(stdin ?? "");
    });
  });
}

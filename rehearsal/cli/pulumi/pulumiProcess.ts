import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface PulumiCall {
  /** The executable, as found on PATH. */
  readonly path: string;
  readonly args: readonly string[];
  /** Where Pulumi.yaml is. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Written to standard input; default none. Secrets go this way, never in the arguments. */
  readonly input?: string;
  readonly onLine?: (line: string) => void;
  readonly onErrorLine?: (line: string) => void;
  /** The CLI's own way to stop: it begins nothing new, waits for what is under way and keeps its state. */
  readonly interrupt?: AbortSignal;
  /** After `interrupt`: gives up what is under way. */
  readonly giveUp?: AbortSignal;
}

export interface PulumiExit {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the Pulumi CLI. @throws when it cannot be started; a failure of its own is in the exit code. */
export function runPulumiProcess(call: PulumiCall): Promise<PulumiExit> {
  return new Promise((resolve, reject) => {
    const child = spawn(call.path, [...call.args, "--non-interactive", "--color", "never"], {
      cwd: call.cwd,
      env: call.env,
      stdio: ["pipe", "pipe", "pipe"],
      // A group of its own: Ctrl-C on the terminal would reach it twice, and the second one means "give up".
      detached: true,
    });
    const signal = (): void => void child.kill("SIGINT");
    call.interrupt?.addEventListener("abort", signal, { once: true });
    call.giveUp?.addEventListener("abort", signal, { once: true });
    if (call.interrupt?.aborted === true) signal();
    const stdout: string[] = [];
    const stderr: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (call.onLine === undefined) stdout.push(line);
      else call.onLine(line);
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      stderr.push(line);
      call.onErrorLine?.(line);
    });
    // A process that ends without reading its input is told of by its exit code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(call.input ?? "");
    child.once("error", reject);
    child.once("close", (code) => {
      call.interrupt?.removeEventListener("abort", signal);
      call.giveUp?.removeEventListener("abort", signal);
      resolve({ code: code ?? 1, stdout: stdout.join("\n"), stderr: stderr.join("\n") });
    });
  });
}

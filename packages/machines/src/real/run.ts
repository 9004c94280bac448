import { spawn } from "node:child_process";

export interface RunOptions {
  /** Given on standard input. Default: nothing. */
  readonly input?: string;
  /** Default 120 s; the process is killed then. */
  readonly timeoutMs?: number;
  /** Each line of standard error, as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Runs a command of this machine and gives its standard output. @throws Error with the end of what it said. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      timeout: options.timeoutMs ?? 120_000,
      killSignal: "SIGKILL",
    });
    let out = "";
    let error = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      error += text;
      for (const line of text.split("\n")) if (line.trim() !== "") options.onLine?.(line);
    });
    child.once("error", (cause) => reject(new Error(`${command}: ${cause.message}`, { cause })));
    child.once("close", (code, signal) => {
      if (code === 0) resolve(out);
      else {
        const said = `${out.trim()}\n${error.trim()}`.trim().split("\n").slice(-12).join("\n");
        reject(new Error(`${command} ${args.slice(0, 6).join(" ")}: ${signal ?? `exit ${code}`}: ${said}`));
      }
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const graceMs = 10_000;

interface Daemon {
  readonly name: string;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

/** The last lines of a daemon's log, for error messages. */
const tail = (file: string): string =>
  existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").slice(-8).join("\n") : "(no log)";

const canTie = spawnSync("setpriv", ["--pdeathsig", "KILL", "true"], { stdio: "ignore" }).status === 0;

/**
 * The processes of one cluster. None outlives this process: they are stopped by `stop` and at its exit, the
 * kernel ends them when it is killed (setpriv --pdeathsig), and what an earlier run left is ended by `sweep`.
 */
export class Daemons {
  private readonly running: Daemon[] = [];
  private stopping = false;
  private readonly atExit = (): void => {
    for (const { child } of this.running) child.kill("SIGKILL");
  };

  constructor(
    private readonly directory: string,
    private readonly log: (line: string) => void,
  ) {
    process.on("exit", this.atExit);
  }

  /** Starts a program with its output in <directory>/<name>.log. */
  start(name: string, program: string, args: readonly string[]): void {
    const logFile = this.logFile(name);
    const output = openSync(logFile, "w", 0o600);
    const command = canTie ? ["setpriv", "--pdeathsig", "KILL", "--", program, ...args] : [program, ...args];
    const child = spawn(command[0] ?? program, command.slice(1), {
      cwd: this.directory,
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    if (child.pid !== undefined) writeFileSync(this.pidFile(name), `${child.pid}\n`);
    const ended = new Promise<void>((resolve) => {
      child.on("error", (error) => {
        this.log(`${name} could not be started: ${error.message}`);
        resolve();
      });
      child.on("exit", (code, signal) => {
        rmSync(this.pidFile(name), { force: true });
        if (!this.stopping)
          this.log(
            `${name} ended by itself (${code ?? signal ?? "?"}); its last words (${logFile}):\n${tail(logFile)}`,
          );
        resolve();
      });
    });
    this.running.push({ name, child, ended });
  }

  /** The names of those that have ended although nobody asked them to. */
  dead(): string[] {
    return this.running
      .filter(({ child }) => child.exitCode !== null || child.signalCode !== null)
      .map(({ name }) => name);
  }

  lastWords(name: string): string {
    return tail(this.logFile(name));
  }

  /** In reverse order of their start, each with ten seconds to end by itself. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const { child, ended } of [...this.running].reverse()) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await ended;
      clearTimeout(timer);
    }
    process.off("exit", this.atExit);
  }

  /** Ends what an earlier run (killed, on a system without setpriv) left behind; only processes whose command names our directory. */
  sweep(names: readonly string[]): void {
    for (const name of names) {
      if (!existsSync(this.pidFile(name))) continue;
      const pid = Number(readFileSync(this.pidFile(name), "utf8"));
      const command = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "";
      if (pid > 1 && command.includes(this.directory)) process.kill(pid, "SIGKILL");
      rmSync(this.pidFile(name), { force: true });
    }
  }

  private logFile(name: string): string {
    return join(this.directory, `${name}.log`);
  }

  private pidFile(name: string): string {
    return join(this.directory, `${name}.pid`);
  }
}

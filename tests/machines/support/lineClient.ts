import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** A client program that answers every line of its standard input with one line, run inside the estate's network. */
export class LineClient {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  #ended = false;
  #said = "";

  /** @param root file system that has the program. */
  constructor(namespace: string, root: string, command: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn("nsenter", [`--net=/run/netns/${namespace}`, "chroot", root, ...command], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", ...env },
    });
    this.#child.stdin?.on("error", () => undefined);
    this.#child.stderr
      ?.setEncoding("utf8")
      .on("data", (text: string) => (this.#said = `${this.#said}${text}`.slice(-500)));
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.#waiting.shift()?.resolve(line));
    const end = (): void => {
      this.#ended = true;
      for (const one of this.#waiting.splice(0)) one.reject(new Error(this.#said.trim() || "it ended"));
    };
    this.#child.once("error", end);
    this.#child.once("close", end);
  }

  /** @throws Error when the program ends, or says nothing in time (it is ended then). */
  async ask(line: string, timeoutMs: number): Promise<string> {
    if (this.#ended) throw new Error(this.#said.trim() || "it has ended");
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<string>((resolve, reject) => {
        this.#waiting.push({ resolve, reject });
        timer = setTimeout(() => {
          this.close();
          reject(new Error(`no answer within ${timeoutMs} ms`));
        }, timeoutMs);
        this.#child.stdin?.write(`${line}\n`);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  get ended(): boolean {
    return this.#ended;
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }
}

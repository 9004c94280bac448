import { spawn, type ChildProcess } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(__dirname, "..", "..", "..");
/** What of the project a copy does without. */
const LEFT_OUT = ["node_modules", ".git", ".rehearsal", ".cache", "tests", "docs", "coverage"];

/** How a run of the command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The document of --json, as far as the tests read it. */
export interface RunDocument {
  readonly ok: boolean;
  readonly summary: Readonly<Record<"create" | "update" | "replace" | "delete" | "same", number>>;
  readonly resources: readonly DocumentResource[];
  readonly errors: readonly string[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

export interface DocumentResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly op: string;
  readonly status: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly diff: readonly { readonly path: string; readonly before: unknown; readonly after: unknown }[];
  readonly error?: string;
}

/** A run that is under way. */
export class Running {
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ended>;
  #waiting: (() => void)[] = [];
  #over = false;

  constructor(readonly child: ChildProcess) {
    child.stdout?.on("data", (chunk: Buffer) => this.#take("stdout", chunk));
    child.stderr?.on("data", (chunk: Buffer) => this.#take("stderr", chunk));
    this.ended = new Promise((resolve) => {
      child.once("close", (code) => {
        this.#over = true;
        this.#wake();
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Resolves when the condition holds for what was printed so far; rejects when the run ends before. */
  async until(what: string, condition: (run: this) => boolean): Promise<void> {
    while (!condition(this)) {
      if (this.#over) throw new Error(`the run ended before ${what}:\n${this.stdout}\n${this.stderr}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Resources created so far, as the progress tells. */
  get created(): number {
    return this.stderr.split("\n").filter((line) => line.startsWith("create ")).length;
  }

  async signal(name: NodeJS.Signals): Promise<Ended> {
    this.child.kill(name);
    return this.ended;
  }

  #take(stream: "stdout" | "stderr", chunk: Buffer): void {
    this[stream] += chunk.toString();
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** A copy of the project with a rehearsal folder of its own, and everything that a test starts in it. */
export class Stand {
  readonly dir = mkdtempSync(join(tmpdir(), "keybuzz-scenario-"));
  readonly project = join(this.dir, "project");
  readonly state = join(this.dir, "rehearsal");
  readonly #runs: Running[] = [];

  /** @param env further variables of everything that is started. */
  constructor(private readonly env: NodeJS.ProcessEnv = {}) {
    mkdirSync(this.project);
    for (const entry of readdirSync(ROOT)) {
      if (!LEFT_OUT.includes(entry)) cpSync(join(ROOT, entry), join(this.project, entry), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(this.project, "node_modules"));
  }

  /** Starts `npm run rehearse -- ...` without npm, with the embedded engine unless another is named. */
  start(...args: string[]): Running {
    return this.#spawn([join(this.project, "tools", "run.mjs"), "rehearse", ...withEngine(args)]);
  }

  /** Another of the project's tasks: `npm run TASK -- ...`. */
  tool(task: string, ...args: string[]): Promise<Ended> {
    return this.#spawn([join(this.project, "tools", "run.mjs"), task, ...args]).ended;
  }

  /** The command line's own process, which a signal is to hit. */
  startBare(...args: string[]): Running {
    return this.#spawn(["--import", "tsx", join(this.project, "rehearsal", "cli.ts"), ...withEngine(args)]);
  }

  run(...args: string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  /** `npm run TASK -- ...` without npm. */
  task(name: string, ...args: string[]): Promise<Ended> {
    return this.#spawn([join(this.project, "tools", "run.mjs"), name, ...args]).ended;
  }

  /** A run with --json, and what did not change. */
  async document(...args: string[]): Promise<Ended & { readonly document: RunDocument }> {
    const ended = await this.run(...args, "--json", "--all");
    if (!ended.stdout.startsWith("{")) throw new Error(`no document: exit code ${ended.code}\n${ended.stderr}`);
    return { ...ended, document: JSON.parse(ended.stdout) as RunDocument };
  }

  /** Puts a new file into the copy. */
  add(file: string, text: string): void {
    const path = join(this.project, file);
    if (existsSync(path)) throw new Error(`${file} is there already`);
    writeFileSync(path, text);
  }

  /** Changes one place of a file of the copy; the text must be there exactly once. */
  edit(file: string, from: string, to: string): void {
    const path = join(this.project, file);
    const text = readFileSync(path, "utf8");
    if (text.split(from).length !== 2) throw new Error(`${file} has "${from}" not exactly once`);
    writeFileSync(path, text.replace(from, to));
  }

  /** Puts a file below the stack's rehearsal folder, as an earlier run would have left it. */
  leave(stack: string, file: string, text: string): string {
    const path = join(this.state, stack, file);
    rmSync(join(this.state, stack), { recursive: true, force: true });
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  async dispose(): Promise<void> {
    for (const run of this.#runs) killGroup(run.child);
    await Promise.all(this.#runs.map((run) => run.ended));
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  #spawn(args: readonly string[]): Running {
    const child = spawn(process.execPath, args, {
      cwd: this.project,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, KEYBUZZ_REHEARSAL_DIR: this.state, NODE_OPTIONS: "", ...this.env },
    });
    const running = new Running(child);
    this.#runs.push(running);
    return running;
  }
}

function withEngine(args: readonly string[]): readonly string[] {
  return args.includes("--engine") || args.includes("cloud") || args.includes("status")
    ? args
    : [...args, "--engine", "embedded"];
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Ended already.
  }
}

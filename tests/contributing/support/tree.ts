import { spawn } from "node:child_process";
import {
  copyFileSync,
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
import { dirname, isAbsolute, join } from "node:path";
import { ROOT } from "../../house/support/importGraph";
import { trackedFiles } from "../../house/support/trackedFiles";
import { textsOf, type Example } from "./page";

/** The tasks of tools/run.mjs that an example may use. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  verify: ["tools/verify.ts", "verify"],
  explain: ["tools/verify.ts", "explain"],
  graph: ["tools/graph.ts"],
};

export interface Ended {
  readonly code: number;
  /** Both streams. */
  readonly output: string;
}

export const textAt = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

/** A copy of the repository in a temporary folder, with its installed packages, in which changes can be tried. */
export class Tree {
  readonly folder = mkdtempSync(join(tmpdir(), "keybuzz-tree-"));

  constructor() {
    for (const file of trackedFiles()) {
      mkdirSync(dirname(join(this.folder, file)), { recursive: true });
      copyFileSync(join(ROOT, file), join(this.folder, file));
    }
    this.#packages();
  }

  /** @returns the files that it makes or changes. */
  apply(example: Example): readonly string[] {
    const texts = textsOf(example, (file) => textAt(join(this.folder, file)));
    for (const [file, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(this.folder, file)), { recursive: true });
      writeFileSync(join(this.folder, file), text);
    }
    return Object.keys(texts);
  }

  /** Takes files back to what the repository has. */
  restore(files: readonly string[]): void {
    for (const file of files) {
      if (existsSync(join(ROOT, file))) copyFileSync(join(ROOT, file), join(this.folder, file));
      else rmSync(join(this.folder, file));
    }
  }

  /** @param program of node_modules/.bin, or a path. */
  run(program: string, ...args: readonly string[]): Promise<Ended> {
    const bin = join(this.folder, "node_modules", ".bin");
    const child = spawn(isAbsolute(program) ? program : join(bin, program), args, {
      cwd: this.folder,
      env: { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? -1, output }));
    });
  }

  /** What `npm run` would do with it, e.g. "verify -- --stack prod"; without npm, which would install first. */
  npmRun(command: string): Promise<Ended> {
    const [task = "", ...args] = (command.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
    const program = PROGRAMS[task];
    if (program === undefined)
      throw new Error(`npm run ${command}: allowed here are ${Object.keys(PROGRAMS).join(", ")}`);
    return this.run("node", "--import", "tsx", ...program, ...args.filter((word) => word !== "--"));
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Links to what is installed; the packages of the repository itself are those of the copy. */
  #packages(): void {
    const installed = join(ROOT, "node_modules");
    const here = join(this.folder, "node_modules");
    mkdirSync(here);
    for (const name of readdirSync(installed))
      if (name !== "@standin") symlinkSync(join(installed, name), join(here, name));
    mkdirSync(join(here, "@standin"));
    for (const name of readdirSync(join(this.folder, "packages")))
      symlinkSync(join(this.folder, "packages", name), join(here, "@standin", name));
  }
}

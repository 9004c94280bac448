import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where it is looked for, and where stand-ins of what a script imports are found. */
const INTERPRETERS = {
  python3: { script: "script.py", path: "PYTHONPATH" },
  ruby: { script: "script.rb", path: "RUBYLIB" },
} as const;

export interface Ended {
  readonly status: number | null;
  /** Both of its outputs. */
  readonly said: string;
}

/** `it`, or `it.skip` with a word of it where this machine lacks the interpreter. */
export function itWith(interpreter: keyof typeof INTERPRETERS): jest.It {
  if (spawnSync(interpreter, ["--version"]).status === 0) return it;
  process.stderr.write(`skipped: scripts of workloads: ${interpreter} is not on PATH\n`);
  return it.skip;
}

/** Runs a script with stand-ins of the modules that only its image has: content by file name. */
export function interpret(
  interpreter: keyof typeof INTERPRETERS,
  script: string,
  given: { readonly modules?: Readonly<Record<string, string>>; readonly env?: Readonly<Record<string, string>> } = {},
): Ended {
  const folder = mkdtempSync(join(tmpdir(), "keybuzz-script-"));
  try {
    const { script: name, path } = INTERPRETERS[interpreter];
    for (const [file, content] of Object.entries({ ...given.modules, [name]: script }))
      writeFileSync(join(folder, file), content);
    const { status, stdout, stderr } = spawnSync(interpreter, [join(folder, name)], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: folder, [path]: folder, ...given.env },
    });
    return { status, said: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

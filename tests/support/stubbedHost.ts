import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface StubbedRun {
  readonly status: number | null;
  readonly said: string;
  readonly error: string;
  /** Every call of a stub, in order: its name and arguments. */
  readonly asked: readonly string[];
  /** What the stubs were given on standard input, in order. */
  readonly input: string;
}

/** A host of files on which a script runs as on a real one; its commands are stubs that remember. */
export class StubbedHost {
  readonly folder = mkdtempSync(join(tmpdir(), "keybuzz-stubbed-"));

  /** A command that remembers its arguments, and then does `body`. @param reads does it read its standard input? */
  stub(name: string, body = "", reads = false): string {
    const lines = ["#!/bin/bash", `echo "${name} $*" >>${this.path("asked")}`];
    if (reads) lines.push(`input=$(cat); printf '%s\n' "$input" >>${this.path("input")}`);
    writeFileSync(this.path(name), [...lines, body, ""].join("\n"));
    chmodSync(this.path(name), 0o755);
    return this.path(name);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  /** The content of a file, "" where there is none. */
  read(name: string): string {
    return this.has(name) ? readFileSync(this.path(name), "utf8") : "";
  }

  /** @param stdin of a script that is a file on its host. Default: the script comes by standard input. */
  run(script: string, env: Readonly<Record<string, string>> = {}, stdin?: string): StubbedRun {
    rmSync(this.path("asked"), { force: true });
    rmSync(this.path("input"), { force: true });
    if (stdin !== undefined) writeFileSync(this.path("script"), script);
    const shell = script.startsWith("#!/bin/sh\n") ? "sh" : "bash";
    const done = spawnSync(shell, stdin === undefined ? ["-s"] : [this.path("script")], {
      input: stdin ?? script,
      encoding: "utf8",
      env: { ...process.env, ...env, PATH: `${this.folder}:${process.env["PATH"] ?? ""}` },
    });
    const asked = this.read("asked")
      .split("\n")
      .filter((line) => line !== "");
    return { status: done.status, said: done.stdout, error: done.stderr, asked, input: this.read("input") };
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { LocalCloudError } from "../localCloudError";
import type { Options } from "./options";

/** The project's folder. */
export const ROOT = join(__dirname, "..", "..");

/** Where a real Kubernetes API is kept once it is built. */
export const KUBERNETES_CACHE = join(ROOT, ".cache", "kubernetes");

/** Environment variable that moves everything that rehearsals keep; default, also when it is empty: ".rehearsal" in the project. */
export const MOVED = "KEYBUZZ_REHEARSAL_DIR";

export function rehearsalRoot(): string {
  const moved = process.env[MOVED] ?? "";
  return moved === "" ? join(ROOT, ".rehearsal") : resolve(moved);
}

/**
 * Makes a folder for what a rehearsal keeps, readable by its owner alone.
 *
 * @throws LocalCloudError where it cannot be made, or nothing can be written into it
 */
export function makeDir(dir: string): void {
  try {
    // One by one: below /proc, Node's own recursive mkdir never ends.
    const missing: string[] = [];
    for (let one = dir; !existsSync(one) && dirname(one) !== one; one = dirname(one)) missing.unshift(one);
    for (const one of missing) mkdirSync(one, { mode: 0o700 });
    const trial = join(dir, `.trial-${process.pid}`);
    writeFileSync(trial, "");
    rmSync(trial);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const where = (process.env[MOVED] ?? "") === "" ? "" : `${MOVED}=${process.env[MOVED]}: `;
    throw new LocalCloudError(
      `${where}nothing can be kept in ${dir} (${code}). Set ${MOVED} to a folder that you may write to; nothing was changed.`,
    );
  }
}

/** The folder of one stack; real machines are another estate than simulated ones. */
export function rehearsalDir(stack: string, machines: Options["machines"]): string {
  return join(rehearsalRoot(), machines === "real" ? `${stack}-real-machines` : stack);
}

/** The embedded engine's state of one stack. */
export const embeddedStateFile = (dir: string): string => join(dir, "state.json");

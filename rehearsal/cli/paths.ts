import { join, resolve } from "node:path";
import type { Options } from "./options";

/** The project's folder. */
export const ROOT = join(__dirname, "..", "..");

/** Where a real Kubernetes API is kept once it is built. */
export const KUBERNETES_CACHE = join(ROOT, ".cache", "kubernetes");

/** KEYBUZZ_REHEARSAL_DIR moves everything that rehearsals keep; default ".rehearsal" in the project. */
export function rehearsalRoot(): string {
  return resolve(process.env["KEYBUZZ_REHEARSAL_DIR"] ?? join(ROOT, ".rehearsal"));
}

/** The folder of one stack; real machines are another estate than simulated ones. */
export function rehearsalDir(stack: string, machines: Options["machines"]): string {
  return join(rehearsalRoot(), machines === "real" ? `${stack}-real-machines` : stack);
}

/** The embedded engine's state of one stack. */
export const embeddedStateFile = (dir: string): string => join(dir, "state.json");

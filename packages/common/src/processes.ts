import { readFileSync } from "node:fs";

/** Is there a process of this number? Somebody else's counts, too. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * When a process started, as the kernel counts it: together with the pid it names a process, for pids are used again,
 * after a reboot above all. Undefined: there is no such process, or no /proc.
 */
export function processStart(pid: number): string | undefined {
  try {
    // Field 22 of /proc/<pid>/stat; the command name before it may hold blanks, but ends with the last ")".
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

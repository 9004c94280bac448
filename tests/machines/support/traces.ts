import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Everything on this machine that fleets make outside of their folders, and every process that works in `dir`. */
export function traces(dir: string): readonly string[] {
  const named = (folder: string, pattern: RegExp, label: string): readonly string[] =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => pattern.test(name))
          .map((name) => `${label} ${name}`)
      : [];
  return [
    ...named("/run/netns", /^standin-/, "namespace"),
    ...named("/sys/class/net", /^(prv|pub)\d|^(public|private)$/, "link"),
    ...named(tmpdir(), /^standin-/, "folder"),
    ...readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .filter((line) => /(^| |\/)standin-/.test(line) || line.includes(dir))
      .map((line) => `mount ${line.split(" ").slice(0, 2).join(" on ")}`),
    // What goes while find looks is no trace, but makes it end with an error.
    ...spawnSync("find", ["/sys/fs/cgroup", "-maxdepth", "6", "-type", "d", "-name", "standin-*"], { encoding: "utf8" })
      .stdout.split("\n")
      .filter(Boolean)
      .map((path) => `cgroup ${path}`),
    ...processes(dir),
  ];
}

function processes(dir: string): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(join("/proc", pid, "cmdline"), "utf8").replaceAll("\0", " ");
        const ours = command.includes(dir) || readlinkSync(join("/proc", pid, "cwd")).startsWith(dir);
        return ours || /systemd-nspawn|real\/warden\.ts/.test(command) ? [`process ${pid} ${command}`] : [];
      } catch {
        // It has ended.
        return [];
      }
    });
}

/** Waits until there is nothing that was not there before. @returns what is left after so long. */
export async function left(dir: string, before: readonly string[], timeoutMs: number): Promise<readonly string[]> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const more = traces(dir).filter((one) => !before.includes(one));
    if (more.length === 0 || Date.now() > deadline) return more;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

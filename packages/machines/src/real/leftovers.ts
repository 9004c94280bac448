import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Leftovers } from "./wardenProtocol";

/**
 * Ends and removes what a fleet made outside of its folders, in the rude way: processes by their cgroups, then the
 * network namespace (and with it every link), mounts, cgroups. What is gone already is no error.
 */
export async function removeLeftovers(leftovers: Leftovers): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const pids = leftovers.cgroups.flatMap(processesIn);
    if (pids.length === 0) break;
    for (const pid of pids) quietly(() => process.kill(pid, "SIGKILL"));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (leftovers.namespace !== "" && existsSync(join("/run/netns", leftovers.namespace)))
    quietly(() => execFileSync("ip", ["netns", "delete", leftovers.namespace], { stdio: "ignore" }));
  const mounted = new Set(
    readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[1]),
  );
  for (const mount of leftovers.mounts)
    if (mounted.has(mount)) quietly(() => execFileSync("umount", ["-l", mount], { stdio: "ignore" }));
  for (const cgroup of leftovers.cgroups) removeCgroup(cgroup);
  for (const folder of leftovers.folders) quietly(() => rmSync(folder, { recursive: true, force: true }));
}

/** Every process in a cgroup and those below it. */
export function processesIn(cgroup: string): readonly number[] {
  if (!existsSync(cgroup)) return [];
  const found: number[] = [];
  quietly(() => {
    found.push(...readFileSync(join(cgroup, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number));
    for (const entry of readdirSync(cgroup, { withFileTypes: true }))
      if (entry.isDirectory()) found.push(...processesIn(join(cgroup, entry.name)));
  });
  // 0: a process of another pid namespace, not ours.
  return found.filter((pid) => pid > 1 && pid !== process.pid);
}

export function removeCgroup(cgroup: string): void {
  if (!existsSync(cgroup)) return;
  quietly(() => {
    for (const entry of readdirSync(cgroup, { withFileTypes: true }))
      if (entry.isDirectory()) removeCgroup(join(cgroup, entry.name));
  });
  quietly(() => rmdirSync(cgroup));
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Gone in the meantime.
  }
}

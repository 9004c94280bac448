import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MOUNT = "/sys/fs/cgroup";
/** Hierarchies in which guests must be apart: systemd keeps its units in the first two, and kills by them. */
const V1_CONTROLLERS = ["name=systemd", "memory", "pids"] as const;

/**
 * A control group of its own for one guest, in each hierarchy, below this process's own. Without it all guests
 * share one, and stopping a unit in one ends processes of another.
 *
 * @returns the folders; the launcher writes itself into each `cgroup.procs`.
 */
export function makeCgroups(name: string, memoryBytes: number): readonly string[] {
  const lines = readFileSync("/proc/self/cgroup", "utf8").trim().split("\n");
  const folders: string[] = [];
  for (const line of lines) {
    const [id = "", controllers = "", path = "/"] = line.split(":");
    const mount = mountOf(id, controllers);
    if (mount === undefined) continue;
    const folder = join(mount, path, name);
    mkdirSync(folder, { recursive: true });
    folders.push(folder);
    for (const limit of ["memory.limit_in_bytes", "memory.max"]) {
      if (existsSync(join(folder, limit))) writeFileSync(join(folder, limit), String(memoryBytes));
    }
  }
  return folders;
}

function mountOf(id: string, controllers: string): string | undefined {
  if (id === "0") {
    const unified = join(MOUNT, "unified");
    if (existsSync(join(unified, "cgroup.procs"))) return unified;
    return existsSync(join(MOUNT, "cgroup.procs")) ? MOUNT : undefined;
  }
  const known = V1_CONTROLLERS.find((one) => controllers.split(",").includes(one));
  if (known === undefined) return undefined;
  const mount = join(MOUNT, known.replace("name=", ""));
  return existsSync(mount) ? mount : undefined;
}

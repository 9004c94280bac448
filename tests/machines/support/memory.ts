import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const MIB = 1024 ** 2;

/** In MiB. Resident: of its processes, what they share included, without the page cache. Peak: with it, since boot. */
export interface MachineMemory {
  readonly name: string;
  readonly group: string;
  readonly resident: number;
  readonly peak: number;
}

/** What each running machine of a fleet takes, from its control group; either version of them. */
export function machineMemory(stateDir: string): readonly MachineMemory[] {
  const { cgroups } = JSON.parse(readFileSync(join(stateDir, "leftovers.json"), "utf8")) as {
    readonly cgroups: readonly string[];
  };
  return readdirSync(stateDir)
    .filter((id) => existsSync(join(stateDir, id, "machine.json")))
    .flatMap((id) => {
      const { spec } = JSON.parse(readFileSync(join(stateDir, id, "machine.json"), "utf8")) as {
        readonly spec: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
      };
      const cgroup = cgroups.find((path) => path.endsWith(`-${id}`) && existsSync(join(path, "memory.stat")));
      if (cgroup === undefined) return [];
      const stat = readFileSync(join(cgroup, "memory.stat"), "utf8");
      const field = (...names: readonly string[]): number =>
        Number(names.map((name) => new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1]).find(Boolean));
      // Shared memory, PostgreSQL's buffers among it, counts as cache there.
      const resident = field("total_rss", "anon") + field("total_shmem", "shmem");
      const peak = ["memory.max_usage_in_bytes", "memory.peak"].map((file) => join(cgroup, file)).find(existsSync);
      if (Number.isNaN(resident) || peak === undefined) throw new Error(`${cgroup} does not tell its memory`);
      const group = spec.labels["group"] ?? spec.name;
      return [{ name: spec.name, group, resident: resident / MIB, peak: Number(readFileSync(peak, "utf8")) / MIB }];
    });
}

/** One line for each group: its machines, and of them the mean and the largest. */
export function memoryTable(machines: readonly MachineMemory[]): readonly string[] {
  const groups = [...new Set(machines.map(({ group }) => group))].sort();
  return groups.map((group) => {
    const members = machines.filter((one) => one.group === group);
    const of = (values: readonly number[]): string =>
      `${Math.round(values.reduce((sum, one) => sum + one, 0) / values.length)} (${Math.round(Math.max(...values))})`;
    return `| ${group} | ${members.length} | ${of(members.map(({ resident }) => resident))} | ${of(members.map(({ peak }) => peak))} |`;
  });
}

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { writeWhole } from "@standin/common/writeWhole";
import { hostKeyPair } from "./hostKeyPair";

const State = z.object({
  id: z.number(),
  powered: z.boolean(),
  /** Files of the virtual file system: path -> octal mode, owner:group, and the markers of its change. */
  files: z.record(
    z.string(),
    z.object({
      mode: z.string(),
      owner: z.string(),
      secret: z.boolean(),
      byRole: z.boolean(),
      markers: z.array(z.string()),
    }),
  ),
  directories: z.record(z.string(), z.string()),
  packages: z.record(z.string(), z.string()),
  accounts: z.array(z.string()),
  sysctl: z.record(z.string(), z.string()),
  binaries: z.record(z.string(), z.string()),
  /** Fingerprints by path. */
  aptKeys: z.record(z.string(), z.string()).default({}),
  units: z.record(z.string(), z.string()),
  steps: z.array(z.string()),
  /** Has a host script run to its end? */
  applied: z.boolean().default(false),
});
export type MachineState = z.infer<typeof State>;

/** One line of the history. Never contents. */
export interface HistoryEntry {
  readonly time: string;
  readonly command: string;
  readonly exitCode: number;
  /** Hash of the script that ran, where it was a host script. */
  readonly hash?: string;
  readonly output: string;
}

const HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub";

/** Everything that outlives the process: state, files, host key and history, in one folder per machine. */
export class MachineDisk {
  readonly state: MachineState;
  /** OpenSSH private key. */
  readonly hostKey: string;

  private constructor(
    readonly dir: string,
    state: MachineState,
    hostKey: string,
  ) {
    this.state = state;
    this.hostKey = hostKey;
  }

  /** A machine's folder, or undefined where there is none, or one of another machine of the same name. */
  static load(dir: string, id: number): MachineDisk | undefined {
    const file = join(dir, "machine.json");
    if (!existsSync(file)) return undefined;
    const parsed = State.safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (!parsed.success) {
      throw new Error(
        `simulated machine: ${file} cannot be read: ${z.prettifyError(parsed.error)}; remedy: delete the machine, or remove its folder`,
      );
    }
    return parsed.data.id === id
      ? new MachineDisk(dir, parsed.data, readFileSync(join(dir, "host_key"), "utf8"))
      : undefined;
  }

  /** A fresh machine with a host key of its own; what another machine of that name left is removed. */
  static create(dir: string, id: number, name: string): MachineDisk {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const pair = hostKeyPair(`root@${name}`);
    writeFileSync(join(dir, "host_key"), pair.private, { mode: 0o600 });
    const state: MachineState = {
      id, powered: true, files: {}, directories: {}, packages: {}, accounts: [], sysctl: {}, binaries: {}, aptKeys: {}, units: {}, steps: [], applied: false,
    }; // prettier-ignore
    const disk = new MachineDisk(dir, state, pair.private);
    disk.write(HOST_KEY, `${pair.public.trim()}\n`, {
      mode: "644",
      owner: "root:root",
      secret: false,
      byRole: true,
      markers: [],
    });
    disk.save();
    return disk;
  }

  read(path: string): string | undefined {
    return this.state.files[path] === undefined ? undefined : readFileSync(this.#place(path), "utf8");
  }

  /** Readable by this user alone, whatever the mode on the machine would be. `save` makes it known. */
  write(path: string, content: string, meta: MachineState["files"][string]): void {
    const place = this.#place(path);
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    writeFileSync(`${place}.new`, content, { mode: 0o600 });
    renameSync(`${place}.new`, place);
    this.state.files[path] = meta;
  }

  remove(path: string): void {
    rmSync(this.#place(path), { force: true });
    delete this.state.files[path];
  }

  save(): void {
    writeWhole(join(this.dir, "machine.json"), `${JSON.stringify(this.state, null, 2)}\n`);
  }

  async note(entry: HistoryEntry): Promise<void> {
    await appendFile(join(this.dir, "history.jsonl"), `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  }

  history(): readonly HistoryEntry[] {
    const file = join(this.dir, "history.jsonl");
    if (!existsSync(file)) return [];
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as HistoryEntry);
  }

  #place(path: string): string {
    const place = join(this.dir, "fs", path);
    if (!place.startsWith(join(this.dir, "fs") + "/")) throw new Error(`path ${path} leaves the machine`);
    return place;
  }
}

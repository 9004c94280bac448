import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { processStart } from "@standin/common/processes";
import { removeLeftovers } from "./leftovers";
import type { Leftovers } from "./wardenProtocol";
import { writeWhole } from "@standin/common/writeWhole";

/** Remembers what a fleet has outside of its folder, for the next run when this one ends without a word. */
export class LeftoversFile {
  readonly #file: string;

  constructor(private readonly stateDir: string) {
    this.#file = join(stateDir, "leftovers.json");
  }

  write(leftovers: Leftovers): void {
    const own = { pid: process.pid, started: processStart(process.pid) };
    writeWhole(this.#file, JSON.stringify({ ...own, ...leftovers }));
  }

  forget(): void {
    rmSync(this.#file, { force: true });
  }

  /** Of a run that ended without a word, and its warden with it. @throws Error when that run still lives. */
  async removeOld(): Promise<void> {
    if (!existsSync(this.#file)) return;
    const old = JSON.parse(readFileSync(this.#file, "utf8")) as Leftovers & {
      readonly pid: number;
      readonly started?: string;
    };
    const started = processStart(old.pid);
    if (old.pid !== process.pid && started !== undefined && started === (old.started ?? started))
      throw new Error(
        `the machines in ${this.stateDir} are in use by process ${old.pid}; remedy: end that process first`,
      );
    await removeLeftovers(old);
  }
}

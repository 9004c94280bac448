import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "@standin/common/writeWhole";
import type { MachineSpec } from "../machines";

/** What of a machine outlives this process, beside its disk. */
export interface GuestState {
  readonly spec: MachineSpec;
  readonly imageHash: string;
  readonly publicAddress: string | undefined;
  readonly powered: boolean;
}

const fileIn = (dir: string): string => join(dir, "machine.json");

/** Undefined where the folder holds no machine. */
export function loadState(dir: string): GuestState | undefined {
  const file = fileIn(dir);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as GuestState) : undefined;
}

/** Does nothing where the folder is gone: so is the machine. */
export function saveState(dir: string, state: GuestState): void {
  if (existsSync(dir)) writeWhole(fileIn(dir), JSON.stringify(state));
}

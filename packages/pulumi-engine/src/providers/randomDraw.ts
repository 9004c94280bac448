import { createHash, randomInt } from "node:crypto";
import { z } from "zod";
import type { Value } from "../provider";

/** The input of every random type: a change of any of these values makes a new one. */
export const keepers = z.record(z.string(), z.string()).optional();

/** A source of whole numbers below `limit`: from the system, or repeatable from a seed. */
export type Draw = (limit: number) => number;

function seeded(seed: string): Draw {
  let counter = 0;
  return (limit) => {
    const bytes = createHash("sha256").update(`${seed}\0${counter++}`).digest();
    // 48 bits against limits far below: the bias does not matter for what is repeatable anyway.
    return bytes.readUIntBE(0, 6) % limit;
  };
}

/** Repeatable from a seed, where there is one. */
export const drawFor = (seed: Value | undefined): Draw =>
  typeof seed === "string" && seed !== "" ? seeded(seed) : (limit) => randomInt(limit);

/** Fisher-Yates. */
export function shuffle<T>(items: readonly T[], draw: Draw): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = draw(i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

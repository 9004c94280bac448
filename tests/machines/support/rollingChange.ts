import { mapTexts } from "../../../components/machines/hostPlan";
import type { Bench } from "./bench";
import { survives, type FaultCase, type TestedCluster } from "./faults";

export interface RollingChange extends Pick<FaultCase, "name" | "goalMs" | "moves"> {
  readonly group: string;
  /** The setting as it is, and as it shall be; it must be in the configuration. */
  readonly from: string;
  readonly to: string;
}

/**
 * Changes a setting that needs a restart while a writer writes, as the program does: one host at a time. Afterwards
 * every acknowledged write is there, and a second run of every script changes nothing.
 *
 * @returns what each turn said, in order.
 */
export async function rolls(bench: Bench, cluster: TestedCluster, change: RollingChange): Promise<readonly string[]> {
  const { group, from, to, ...one } = change;
  if (!bench.texts.some((text) => text.includes(from))) throw new Error(`no configuration has "${from}"`);
  let said: readonly string[] = [];
  await survives(cluster, {
    ...one,
    fault: async () => {
      said = await bench.rollOut(group, (host) => mapTexts(host, (text) => text.replace(from, to)));
    },
  });
  await bench.expectNoChange();
  return said;
}

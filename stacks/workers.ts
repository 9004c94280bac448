import { nthAddress } from "../components/topology/addresses";
import type { HostSpec } from "./environment";

/** Offset of the first worker in the subnet; ten fit before the databases (docs/estate.md, hosts). */
const FIRST_WORKER = 110;

export interface WorkersArgs {
  readonly subnetCidr: string;
  readonly serverType: HostSpec["serverType"];
  /** By number from 1. Default "general". */
  readonly duties?: Readonly<Record<number, NonNullable<HostSpec["duty"]>>>;
  /** Numbers of those that are taken out of service, to go with the next smaller count. Default: none. */
  readonly leaving?: readonly number[];
}

/**
 * The cluster's workers, k3s-worker-01 to -NN, from the subnet's 110th address on: another number is more or fewer of
 * them, the last ones first. More than fit collide with the next address of the plan, which the validation names.
 */
export function workers(
  count: number,
  { subnetCidr, serverType, duties = {}, leaving = [] }: WorkersArgs,
): readonly HostSpec[] {
  return Array.from({ length: count }, (_, index): HostSpec => {
    const duty = duties[index + 1];
    return {
      name: `k3s-worker-${String(index + 1).padStart(2, "0")}`,
      role: "k3sAgent",
      address: nthAddress(subnetCidr, FIRST_WORKER + index),
      serverType,
      ...(duty === undefined ? {} : { duty }),
      ...(leaving.includes(index + 1) ? { leaving: true } : {}),
    };
  });
}

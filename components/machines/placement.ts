/** Servers in one spread placement group (docs/reference/hetzner.md, servers). */
const PLACEMENT_GROUP_SIZE = 10;

/** In which of its cluster's placement groups a machine is, from 0; undefined where it is alone and in none. */
export function placementNumber(index: number, hosts: number): number | undefined {
  return hosts < 2 ? undefined : Math.floor(index / PLACEMENT_GROUP_SIZE);
}

/** "redis-hosts", "redis-hosts-2" */
export const placementName = (cluster: string, number: number): string =>
  number === 0 ? cluster : `${cluster}-${number + 1}`;

/** The number in a name of `placementName`. */
export function numberInName(name: string): number {
  const number = /-(\d+)$/.exec(name)?.[1];
  return number === undefined ? 0 : Number(number) - 1;
}

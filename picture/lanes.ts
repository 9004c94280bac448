import type { World } from "../verifier/read/world";
import { AWAY, balancerBox, INTERNET, machinesBox, NODES, OPERATORS } from "./boxes";
import type { Bundle, Lane } from "./model";

/** Whether the flows of a bundle have a place in the picture; the others are seen with the boxes that they are of. */
export const isDrawn = ({ kind }: Pick<Bundle, "kind">): boolean => kind !== "care" && kind !== "within";

/** In which column a box stands: by what it is, and by what reaches it. */
export function laneOf(world: World, bundles: readonly Bundle[]): (box: string) => Lane {
  const drawn = new Set(bundles.filter(isDrawn).flatMap(({ from, to }) => [from, to]));
  const balancers = new Map([...world.balancers.values()].map((one) => [balancerBox(one.name), one]));
  const proxies = new Set(
    [...balancers.values()].flatMap(({ isPublic, targets }) => (isPublic ? [] : targets.map(machinesBox))),
  );
  return (box) => {
    if (box === INTERNET) return "outside";
    if (box === OPERATORS) return "operations";
    if (box === AWAY) return "data";
    if (box === NODES) return "nodes";
    const balancer = balancers.get(box);
    if (balancer !== undefined) return balancer.isPublic ? "entry" : "balancers";
    if (!drawn.has(box)) return "operations";
    if (box.startsWith("namespace ")) return "workloads";
    return proxies.has(box) ? "proxies" : "data";
  };
}

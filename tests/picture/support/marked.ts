import type { Change, Picture } from "../../../picture/model";

/** Ids of all that bears a mark. */
export function marked({ boxes, flows, routes, bundles }: Picture, change: Change): readonly string[] {
  const items = boxes.flatMap(({ sections }) => sections.flatMap((section) => section.items));
  return [...boxes, ...items, ...flows, ...routes, ...bundles]
    .filter((one) => one.change === change)
    .map(({ id }) => id);
}

import type { Kept } from "../../secrets/kept";
import { listOf, record } from "./objectParts";
import type { RawObject } from "./objectsEntry";
import type { PlannedObjects } from "./planObjects";

/** Is it a claim, whose end is the end of its files? */
export const isClaim = ({ kind }: RawObject): boolean => kind === "PersistentVolumeClaim";

/** What objects that others wrote keep on volumes of their namespace, as an application does (keptVolumes). */
export function keptObjects({ name: owner, namespace, objects }: PlannedObjects): readonly Kept[] {
  return objects.flatMap((object): readonly Kept[] => {
    const whole = `${namespace}/${object.metadata.name}`;
    if (isClaim(object)) return [{ owner, loses: `the files of the claim ${whole}` }];
    if (listOf(record(object["spec"])["volumeClaimTemplates"]).length === 0) return [];
    return [{ owner, loses: `the claims of ${whole}, one a pod, and all that ${owner} has stored in them` }];
  });
}

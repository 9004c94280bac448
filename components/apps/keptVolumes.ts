import type { Kept } from "../secrets/kept";
import type { AppPlan } from "./appPlan";

/**
 * What an application keeps on volumes of its namespace. Claims of a StatefulSet stay when it goes, on purpose; they go
 * with the namespace.
 */
export function keptVolumes({ partOf: owner, name, namespace, volume, processes }: AppPlan): readonly Kept[] {
  const own = processes.filter(({ kind }) => kind === "stateful");
  return [
    ...(volume === undefined ? [] : [{ owner, loses: `the files of the claim ${namespace}/${volume.name}` }]),
    ...own.map((process) => ({
      owner,
      loses: `the claims of ${namespace}/${process.name}, one a pod, and all that ${name} has stored in them`,
    })),
  ];
}

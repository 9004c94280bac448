import { at, list, text } from "../read/graph";
import { podSpec, type Workload } from "../read/workload";

/** What is trusted of registries, in one sentence: whoever may write there decides what a name stands for. */
export function imageAssumptions(workloads: readonly Workload[]): readonly string[] {
  const images = workloads.flatMap((workload) =>
    ["initContainers", "containers"].flatMap((kind) =>
      list(at(podSpec(workload), kind)).flatMap((container) => text(at(container, "image")) ?? []),
    ),
  );
  const named = [...new Set(images)].filter((image) => !image.includes("@sha256:")).sort();
  if (named.length === 0) return [];
  return [
    `Images that are pinned by name alone are still what they were: ${named.join(", ")}. npm run pins gives those of others their digests; of one's own, write them as name:tag@sha256:...`,
  ];
}

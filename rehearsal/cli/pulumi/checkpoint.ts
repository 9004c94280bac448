import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../../estate";

/** What is read of a resource in a checkpoint of the CLI's file backend (sdk/go/common/apitype/core.go). */
export interface CheckpointResource {
  readonly urn: string;
  readonly protect?: boolean;
}

/** The resources of a stack in the CLI's own state; none where there is no state, or none that can be read: the CLI will tell. */
export function checkpointResources(stack: string, dir: string): readonly CheckpointResource[] {
  const file = join(dir, "pulumi", ".pulumi", "stacks", PROJECT, `${stack}.json`);
  if (!existsSync(file)) return [];
  try {
    const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly checkpoint?: { readonly latest?: { readonly resources?: readonly CheckpointResource[] } };
    };
    return checkpoint?.latest?.resources ?? [];
  } catch {
    return [];
  }
}

import { checkDependents, deleteEntries, leftovers } from "./deletions";
import type { DeletionOptions } from "./deletions";
import type { Run } from "./run";

/** Deletes everything in the state (or the targets), without running the program. */
export async function destroy(run: Run, options: DeletionOptions): Promise<void> {
  const gone = leftovers(run);
  checkDependents(run, gone);
  await deleteEntries(run, gone, options);
}

import { remove } from "./apply";
import { references } from "./cascade";
import type { Run } from "./run";
import { runGraph, StoppedError } from "./scheduler";
import type { Entry } from "./stateFormat";
import { isProviderType } from "./urn";

/** What the delete phase may do. */
export interface DeletionOptions {
  /** Delete protected resources too; only with the operator's explicit consent. */
  readonly removeProtected: boolean;
}

/** What the program no longer registers, and what has been replaced. */
export function leftovers(run: Run): Entry[] {
  // Deleted early with what they were made from, and not wanted any more.
  for (const [urn, entry] of run.cascaded)
    if (!run.registered.has(urn)) run.record(entry, { op: "delete", status: "done" });
  const gone = run.state
    .entries()
    .filter((e) => e.condemned || (!run.registered.has(e.urn) && run.isTarget(e.urn) && !run.cascaded.has(e.urn)));
  return withoutNeededProviders(run, gone);
}

/** A provider stays while something that stays was made by it. */
function withoutNeededProviders(run: Run, gone: readonly Entry[]): Entry[] {
  const keys = new Set(gone.map((e) => e.key));
  const needed = new Set(
    run.state
      .entries()
      .filter((e) => !keys.has(e.key))
      .map((e) => e.provider),
  );
  return gone.filter((e) => !isProviderType(e.type) || !needed.has(e.urn));
}

/** For a targeted destroy: the targets and everything that depends on them would be left hanging. @throws Error listing those. */
export function checkDependents(run: Run, gone: readonly Entry[]): void {
  const urns = new Set(gone.map((e) => e.urn));
  const keys = new Set(gone.map((e) => e.key));
  const hanging = run.state
    .entries()
    .filter((e) => !keys.has(e.key) && [...references(e)].some((urn) => urns.has(urn)));
  if (hanging.length > 0) {
    throw new Error(
      `these resources depend on the targets and are no targets themselves: ${hanging.map((e) => e.urn).join(", ")}. Name them too.`,
    );
  }
}

/**
 * Deletes entries, dependents first, several at once. Protected ones are refused before anything happens.
 * A failure keeps what the failed resource depends on; the rest goes on.
 */
export async function deleteEntries(run: Run, gone: readonly Entry[], options: DeletionOptions): Promise<void> {
  const kept = gone.filter((e) => e.protect && !e.condemned && !options.removeProtected);
  for (const entry of kept) {
    const reason = `${entry.urn} is protected and would have to be deleted. Keep it in the program, or set protect: false and run up first (destroy: give explicit consent).`;
    run.record(entry, { op: "delete", status: "failed", error: reason });
    run.diagnose("error", reason, entry.urn);
  }
  if (kept.length > 0 && !run.preview) return;
  const byKey = new Map(gone.map((e) => [e.key, e]));
  const refs = new Map(gone.map((e) => [e.key, references(e)]));
  const dependents = new Map<string, string[]>(gone.map((e) => [e.key, []]));
  const keysOfUrn = new Map<string, string[]>();
  for (const e of gone) keysOfUrn.set(e.urn, [...(keysOfUrn.get(e.urn) ?? []), e.key]);
  for (const e of gone) {
    for (const urn of refs.get(e.key) ?? [])
      for (const key of keysOfUrn.get(urn) ?? []) if (key !== e.key) dependents.get(key)?.push(e.key);
  }
  const reallyGoing = new Set(gone.filter((e) => !e.retainOnDelete && !e.external).map((e) => e.urn));
  const { failed, skipped } = await runGraph(
    gone.map((e) => e.key),
    (key) => dependents.get(key) ?? [],
    async (key) => {
      const entry = byKey.get(key);
      if (entry === undefined) return;
      await remove(run, entry, entry.deletedWith !== "" && reallyGoing.has(entry.deletedWith));
      if (!kept.includes(entry)) run.record(entry, { op: "delete", status: "done" });
    },
  );
  for (const [key, error] of failed) {
    const entry = byKey.get(key);
    if (entry !== undefined) run.fail(entry, "delete", error);
  }
  for (const key of skipped) {
    const entry = byKey.get(key);
    if (entry !== undefined) run.fail(entry, "delete", new StoppedError());
  }
}

import { decide } from "./decide";
import { UNKNOWN } from "./provider";
import { remove } from "./apply";
import type { Run } from "./run";
import { runGraph } from "./scheduler";
import type { Entry } from "./stateFormat";
import { isProviderType } from "./urn";
import type { EngineValue } from "./values";

/** Every URN an entry refers to. */
export function references(entry: Entry): Set<string> {
  return new Set(
    [
      entry.parent,
      entry.provider,
      entry.deletedWith,
      ...entry.dependencies,
      ...Object.values(entry.propertyDependencies).flat(),
    ].filter((u) => u !== ""),
  );
}

async function mustBeReplaced(run: Run, entry: Entry, replaced: ReadonlySet<string>): Promise<boolean> {
  if (!entry.custom || entry.external || entry.condemned || isProviderType(entry.type)) return false;
  if (entry.deletedWith !== "" && replaced.has(entry.deletedWith)) return true;
  const touched = Object.entries(entry.propertyDependencies).filter(([, urns]) =>
    urns.some((urn) => replaced.has(urn)),
  );
  if (touched.length === 0) return false;
  const unknown: { readonly [key: string]: EngineValue } = Object.fromEntries(touched.map(([key]) => [key, UNKNOWN]));
  const goal = {
    ignoreChanges: [],
    replaceOnChanges: entry.replaceOnChanges,
    replacementTrigger: undefined,
    replaceWith: [],
    deletedWith: "",
    deleteBeforeReplace: undefined,
  };
  // The provider is asked as in a preview: the new value is not known yet.
  const ctx = { ...run.context(entry.urn, entry.type, entry.timeouts), preview: true };
  const decision = await decide(ctx, await run.provider(entry), entry, goal, { ...entry.inputs, ...unknown }, replaced);
  return decision.op === "replace";
}

/**
 * What has to be deleted before a resource that is deleted before it is replaced: its dependents whose inputs
 * would change in a way that replaces them too, transitively (step_generator.go calculateDependentReplacements).
 * Resources already registered in this run no longer depend on it.
 */
export async function dependentsToReplace(run: Run, root: Entry): Promise<Entry[]> {
  const replaced = new Set([root.urn]);
  const result: Entry[] = [];
  const candidates = new Set(run.state.entries().filter((e) => !e.condemned && !run.registered.has(e.urn)));
  for (let grown = true; grown;) {
    grown = false;
    for (const entry of candidates) {
      if (![...references(entry)].some((urn) => replaced.has(urn))) continue;
      if (!(await mustBeReplaced(run, entry, replaced))) continue;
      candidates.delete(entry);
      replaced.add(entry.urn);
      result.push(entry);
      grown = true;
    }
  }
  return result;
}

/** Deletes the dependents, those that depend on others first; all or the first failure is thrown. */
export async function deleteDependents(run: Run, root: Entry, dependents: readonly Entry[]): Promise<void> {
  const byUrn = new Map(dependents.map((e) => [e.urn, e]));
  for (const entry of dependents) {
    run.cascaded.set(entry.urn, entry);
    run.replaced.add(entry.urn);
  }
  const going = new Set([root.urn, ...byUrn.keys()]);
  const { failed } = await runGraph(
    [...byUrn.keys()],
    (urn) => dependents.filter((d) => d.urn !== urn && references(d).has(urn)).map((d) => d.urn),
    async (urn) => {
      const entry = byUrn.get(urn);
      if (entry !== undefined) await remove(run, entry, entry.deletedWith !== "" && going.has(entry.deletedWith));
    },
  );
  for (const error of failed.values()) throw error;
}

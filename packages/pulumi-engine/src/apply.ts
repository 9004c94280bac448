import { PartialFailure } from "./provider";
import type { Properties, Provider, ResourceState } from "./provider";
import { messageOf } from "./errors";
import type { Operation } from "./events";
import type { HookFacts, HookMoment } from "./hooks";
import type { Run } from "./run";
import type { Entry, StateOperation } from "./stateFormat";
import type { PropertyMap } from "./values";
import { markLike, markNames, toPlainMap } from "./values";

/** The program's own hooks around a step of this resource. */
const hooked = (run: Run, moment: HookMoment, told: HookFacts): Promise<void> =>
  run.hooks.run(moment, run.registered.get(told.urn)?.hooks[moment] ?? [], told);

/** What a provider sees of an entry. */
export function resourceState(entry: Entry): ResourceState {
  return { id: entry.id, inputs: toPlainMap(entry.inputs), outputs: toPlainMap(entry.outputs) };
}

/** Marks a provider's outputs: secret inputs stay secret, and so do the outputs that the type or the program names. */
export function markOutputs(run: Run, provider: Provider, entry: Entry, outputs: Properties): PropertyMap {
  const marked = markNames(markLike(outputs, entry.inputs), [
    ...provider.secretOutputs(entry.type),
    ...entry.secretOutputs,
  ]);
  run.options.masker.learn(marked);
  return marked;
}

/** The operations by which a new entry takes the place of the one it replaces, if any. */
export function succeed(run: Run, entry: Entry, replaces: string | undefined): StateOperation[] {
  const old = replaces === undefined ? undefined : run.state.get(replaces);
  const condemned: StateOperation[] =
    old === undefined ? [] : [{ op: "put", entry: { ...old, key: run.state.condemnedKey(old.urn), condemned: true } }];
  return [...condemned, { op: "put", entry }];
}

/**
 * Creates a resource. In a preview nothing is created or kept.
 * @param draft the entry without id and outputs.
 * @param replaces key of the entry that gives way, for a replacement whose predecessor is deleted later.
 * @throws what the provider throws; after a PartialFailure the resource is in the state, marked incomplete.
 */
export async function create(run: Run, op: Operation, draft: Entry, replaces?: string): Promise<Entry> {
  const provider = await run.provider(draft);
  const ctx = run.context(draft.urn, draft.type, draft.timeouts, "create");
  const inputs = toPlainMap(draft.inputs);
  const begins: HookFacts = { urn: draft.urn, type: draft.type, id: "", newInputs: draft.inputs };
  if (run.preview) {
    await hooked(run, "beforeCreate", begins);
    const planned = await provider.create(ctx, inputs);
    const outputs = markOutputs(run, provider, draft, { ...inputs, ...planned.outputs });
    await hooked(run, "afterCreate", { ...begins, newOutputs: outputs });
    return { ...draft, id: "", outputs };
  }
  return run.step(draft.urn, op, async () => {
    await hooked(run, "beforeCreate", begins);
    const id = run.state.nextPendingId();
    await run.state.commit({
      op: "begin",
      pending: { kind: "create", id, entry: draft, ...(replaces === undefined ? {} : { replaces }) },
    });
    const keep = async (
      made: { readonly id: string; readonly outputs: Properties },
      incomplete?: string,
    ): Promise<Entry> => {
      const outputs = markOutputs(run, provider, draft, made.outputs);
      const entry: Entry = {
        ...draft,
        id: made.id,
        outputs,
        ...(incomplete === undefined ? {} : { incomplete: run.options.masker.mask(incomplete) }),
      };
      await run.state.commit({ op: "settle", id }, ...succeed(run, entry, replaces));
      return entry;
    };
    let made;
    try {
      made = await provider.create(ctx, inputs);
    } catch (error) {
      if (error instanceof PartialFailure) await keep(error, error.message);
      // After a cancellation nobody knows whether it exists; then the next run finds out.
      else if (!run.scheduler.signal.aborted) await run.state.commit({ op: "settle", id });
      throw error;
    }
    const entry = await keep(made);
    await hooked(run, "afterCreate", { ...begins, id: entry.id, newOutputs: entry.outputs });
    return entry;
  });
}

/**
 * Updates a resource in place. @param draft the new entry, still with the old outputs.
 * @throws what the provider throws; after a PartialFailure the entry is marked so that the next run updates again.
 */
export async function update(run: Run, old: Entry, draft: Entry): Promise<Entry> {
  const provider = await run.provider(draft);
  const ctx = run.context(draft.urn, draft.type, draft.timeouts, "update");
  const news = toPlainMap(draft.inputs);
  const begins: HookFacts = {
    urn: draft.urn,
    type: draft.type,
    id: old.id,
    newInputs: draft.inputs,
    oldInputs: old.inputs,
    oldOutputs: old.outputs,
  };
  if (run.preview) {
    await hooked(run, "beforeUpdate", begins);
    const outputs = markOutputs(run, provider, draft, await provider.update(ctx, resourceState(old), news));
    await hooked(run, "afterUpdate", { ...begins, newOutputs: outputs });
    return { ...draft, outputs };
  }
  return run.step(draft.urn, "update", async () => {
    await hooked(run, "beforeUpdate", begins);
    const id = run.state.nextPendingId();
    await run.state.commit({ op: "begin", pending: { kind: "update", id, key: old.key } });
    let outputs;
    try {
      outputs = await provider.update(ctx, resourceState(old), news);
    } catch (error) {
      if (error instanceof PartialFailure) {
        const entry = { ...draft, id: error.id, inputs: markLike(error.inputs ?? news, draft.inputs) };
        const outputs = markOutputs(run, provider, entry, error.outputs);
        const incomplete = run.options.masker.mask(messageOf(error));
        await run.state.commit({ op: "put", entry: { ...entry, outputs, incomplete } }, { op: "settle", id });
      }
      // After a cancellation nobody knows how far it has come; then the next run finds out.
      else if (!run.scheduler.signal.aborted) await run.state.commit({ op: "settle", id });
      throw error;
    }
    const entry: Entry = { ...draft, outputs: markOutputs(run, provider, draft, outputs) };
    await run.state.commit({ op: "put", entry }, { op: "settle", id });
    await hooked(run, "afterUpdate", { ...begins, newOutputs: entry.outputs });
    return entry;
  });
}

/**
 * Deletes a resource, or only forgets it (components, read resources, retainOnDelete, `gone`).
 * @param gone it went with what it is deletedWith.
 */
export async function remove(run: Run, entry: Entry, gone = false): Promise<void> {
  if (run.preview) return;
  const forget = gone || !entry.custom || entry.external || entry.retainOnDelete || entry.provider === "";
  await run.step(entry.urn, "delete", async () => {
    if (forget) {
      await run.state.commit({ op: "drop", key: entry.key });
      return;
    }
    const provider = await run.provider(entry);
    const id = run.state.nextPendingId();
    await run.state.commit({ op: "begin", pending: { kind: "delete", id, key: entry.key } });
    try {
      await provider.delete(run.context(entry.urn, entry.type, entry.timeouts, "delete"), resourceState(entry));
    } catch (error) {
      if (!run.scheduler.signal.aborted) await run.state.commit({ op: "settle", id });
      throw error;
    }
    await run.state.commit({ op: "settle", id }, { op: "drop", key: entry.key });
  });
}

import { randomUUID } from "node:crypto";
import { create, markOutputs, remove, resourceState, update } from "./apply";
import { deleteDependents, dependentsToReplace } from "./cascade";
import { decide } from "./decide";
import type { Decision } from "./decide";
import { diffProperties, show } from "./diff";
import type { Operation } from "./events";
import type { Goal } from "./goal";
import { keepOldValues } from "./propertyPath";
import type { Provider } from "./provider";
import type { Run } from "./run";
import { StoppedError } from "./scheduler";
import type { Entry } from "./stateFormat";
import { aliasUrns, isProviderType, makeUrn, packageOf, parseUrn, STACK_TYPE } from "./urn";
import type { PropertyMap } from "./values";
import { markLike, toPlainMap } from "./values";

/** The answer to a registration. */
export interface Registered {
  readonly urn: string;
  /** "" while unknown. */
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly result: "success" | "failed" | "skipped";
  /** Left out because it is no target and does not exist yet: its outputs are unknown. */
  readonly elided?: boolean;
}

async function findOld(run: Run, urn: string, goal: Goal): Promise<Entry | undefined> {
  const direct = run.state.get(urn);
  if (direct !== undefined) return direct;
  const { project, stack } = run.options;
  const target = { stack, project, name: goal.name, type: goal.type, parent: goal.parent, renamed: run.renamed };
  for (const alias of aliasUrns(target, goal.aliases)) {
    if (alias === urn || run.state.get(alias) === undefined || run.registered.has(alias)) continue;
    await run.state.rename(alias, urn);
    run.renamed.set(urn, alias);
    return run.state.get(urn);
  }
  return run.cascaded.get(urn);
}

function draftEntry(
  run: Run,
  urn: string,
  goal: Goal,
  provider: string,
  inputs: PropertyMap,
  old: Entry | undefined,
): Entry {
  const parent = run.current.get(goal.parent);
  return {
    key: urn,
    urn,
    type: goal.type,
    custom: goal.custom,
    external: false,
    condemned: false,
    hidden: false,
    id: old?.id ?? "",
    inputs,
    outputs: old?.outputs ?? {},
    parent: goal.parent,
    provider,
    dependencies: goal.dependencies,
    propertyDependencies: Object.fromEntries(
      Object.entries(goal.propertyDependencies).filter(([, urns]) => urns.length > 0),
    ),
    // As Pulumi's monitor does it, what is not said is inherited.
    protect: goal.protect ?? parent?.protect ?? false,
    retainOnDelete: goal.retainOnDelete ?? parent?.retainOnDelete ?? false,
    deletedWith: goal.deletedWith === "" ? (parent?.deletedWith ?? "") : goal.deletedWith,
    ...(goal.deleteBeforeReplace === undefined ? {} : { deleteBeforeReplace: goal.deleteBeforeReplace }),
    replaceOnChanges: goal.replaceOnChanges,
    ...(goal.replacementTrigger === undefined ? {} : { replacementTrigger: goal.replacementTrigger }),
    timeouts: goal.timeouts,
    secretOutputs: goal.additionalSecretOutputs,
  };
}

async function checkInputs(
  run: Run,
  provider: Provider,
  urn: string,
  goal: Goal,
  old: Entry | undefined,
): Promise<PropertyMap> {
  const wanted = old === undefined ? goal.inputs : keepOldValues(goal.inputs, old.inputs, goal.ignoreChanges);
  const olds = old === undefined ? undefined : toPlainMap(old.inputs);
  const { inputs, failures } = await provider.check(
    run.context(urn, goal.type, goal.timeouts),
    toPlainMap(wanted),
    olds,
  );
  if (failures.length > 0) {
    const lines = failures.map((f) => (f.property === "" ? f.reason : `${f.property}: ${f.reason}`));
    throw new Error(`${goal.type} "${goal.name}": ${lines.join("; ")}`);
  }
  const marked = markLike(inputs, wanted);
  run.options.masker.learn(marked);
  return marked;
}

const reply = (entry: Entry): Registered => ({
  urn: entry.urn,
  id: entry.id,
  outputs: entry.outputs,
  result: "success",
});

async function registerComponent(run: Run, urn: string, goal: Goal): Promise<Registered> {
  const old = await findOld(run, urn, goal);
  const entry = draftEntry(run, urn, goal, "", goal.inputs, old);
  const diff = old === undefined ? [] : diffProperties(old.inputs, entry.inputs).map(show);
  if (!run.preview) await run.state.commit({ op: "put", entry });
  run.current.set(urn, entry);
  run.record(entry, { op: old === undefined ? "create" : diff.length > 0 ? "update" : "same", status: "done", diff });
  // A local component answers with what the program gave it.
  return { ...reply(entry), outputs: entry.inputs };
}

async function registerProvider(run: Run, urn: string, goal: Goal): Promise<Registered> {
  const old = await findOld(run, urn, goal);
  const entry: Entry = {
    ...draftEntry(run, urn, goal, "", goal.inputs, old),
    id: old?.id ?? (run.preview ? "" : randomUUID()),
    outputs: goal.inputs,
  };
  run.options.providers.configure(urn, packageOf(goal.type), goal.inputs, old?.inputs);
  const diff = old === undefined ? [] : diffProperties(old.inputs, entry.inputs).map(show);
  if (!run.preview) {
    // Fails here, by its own name, rather than at the first resource that uses it.
    await run.options.providers.get(urn);
    await run.state.commit({ op: "put", entry });
  }
  run.current.set(urn, entry);
  run.record(entry, { op: old === undefined ? "create" : diff.length > 0 ? "update" : "same", status: "done", diff });
  return reply(entry);
}

async function importResource(run: Run, draft: Entry, goal: Goal, provider: Provider): Promise<Entry> {
  const ctx = run.context(draft.urn, draft.type, draft.timeouts, "read");
  const found = await provider.read(ctx, goal.importId, undefined);
  if (found === undefined) throw new Error(`import: there is no ${goal.type} with the id "${goal.importId}"`);
  const inputs = markLike(found.inputs, draft.inputs);
  const imported: Entry = { ...draft, id: found.id, inputs };
  return { ...imported, outputs: markOutputs(run, provider, imported, found.outputs) };
}

async function replace(run: Run, old: Entry, draft: Entry, decision: Decision): Promise<Entry> {
  if (old.protect) {
    run.refuse(
      draft.urn,
      `${draft.urn} is protected and would have to be replaced (${decision.replaceKeys.join(", ")}). ` +
        "Undo the change, or set protect: false, run up, and then change it.",
    );
  }
  run.replaced.add(draft.urn);
  if (!decision.deleteBeforeReplace) return create(run, "replace", draft, old.key);
  const dependents = await dependentsToReplace(run, old);
  for (const { urn } of dependents.filter((d) => d.protect)) {
    run.refuse(
      urn,
      `${urn} is protected and would have to be deleted, because ${draft.urn}, which it is made from, is deleted before it is replaced.`,
    );
  }
  await deleteDependents(run, old, dependents);
  await remove(run, old);
  return create(run, "replace", draft);
}

async function registerCustom(run: Run, urn: string, goal: Goal, providerUrn: string): Promise<Registered> {
  const old = await findOld(run, urn, goal);
  const cascaded = run.cascaded.has(urn);
  let draft = draftEntry(run, urn, goal, providerUrn, goal.inputs, old);
  let op: Operation = cascaded ? "replace" : "create";
  let diff: ReturnType<typeof show>[] = [];
  try {
    const provider = await run.options.providers.get(providerUrn);
    // What is made anew takes nothing over from what was: no drawn name, no value that ignoreChanges had kept.
    const anew = (): Promise<PropertyMap> => checkInputs(run, provider, urn, goal, undefined);
    draft = { ...draft, inputs: cascaded ? await anew() : await checkInputs(run, provider, urn, goal, old) };
    const ctx = run.context(urn, goal.type, goal.timeouts);
    let existing = old !== undefined && !old.external && !cascaded ? old : undefined;
    if (goal.importId !== "" && existing?.id !== goal.importId) {
      if (existing !== undefined) {
        throw new Error(
          `import: ${urn} is in the state already, with the id "${existing.id}" instead of "${goal.importId}". Remove the import option.`,
        );
      }
      op = "import";
      const imported = await run.step(urn, op, () => importResource(run, draft, goal, provider));
      existing = imported;
      if (!run.preview) await run.state.commit({ op: "put", entry: imported });
    }
    let entry: Entry;
    let replaceKeys: readonly string[] | undefined;
    if (existing === undefined) {
      if (cascaded && old !== undefined) diff = diffProperties(old.inputs, draft.inputs).map(show);
      entry = await create(run, op, { ...draft, id: "", outputs: {} });
    } else {
      const decision = await decide(ctx, provider, existing, goal, draft.inputs, run.replaced);
      diff = decision.differences.map(show);
      if (op !== "import") op = decision.op;
      else if (decision.op === "replace") {
        throw new Error(
          `import: ${urn} does not fit what exists under "${goal.importId}"; it would be replaced because of ${decision.replaceKeys.join(", ")}. Adapt these inputs.`,
        );
      }
      draft = { ...draft, id: existing.id, outputs: existing.outputs };
      if (decision.op === "replace") {
        replaceKeys = decision.replaceKeys;
        draft = { ...draft, inputs: await anew() };
        entry = await replace(run, existing, { ...draft, id: "", outputs: {} }, decision);
      } else if (decision.op === "update") entry = await update(run, existing, draft);
      else {
        entry = { ...draft, outputs: markOutputs(run, provider, draft, resourceState(existing).outputs) };
        if (!run.preview) await run.state.commit({ op: "put", entry });
      }
    }
    run.current.set(urn, entry);
    run.record(entry, { op, status: "done", diff, ...(replaceKeys === undefined ? {} : { replaceKeys }) });
    return reply(entry);
  } catch (error) {
    run.fail(draft, op, error, diff);
    return { urn, id: "", outputs: {}, result: error instanceof StoppedError ? "skipped" : "failed" };
  }
}

async function leaveAlone(run: Run, urn: string, goal: Goal): Promise<Registered> {
  const old = await findOld(run, urn, goal);
  if (old === undefined) return { urn, id: "", outputs: {}, result: "success", elided: true };
  run.current.set(urn, old);
  run.record(old, { op: "same", status: "done" });
  return reply(old);
}

/** Brings one resource to what the program wants of it, and answers the program. Never throws: a failure is in the answer and reported. */
export async function register(run: Run, goal: Goal): Promise<Registered> {
  const urn = makeUrn(run.options.stack, run.options.project, goal.parent, goal.type, goal.name);
  const failure = (error: unknown): Registered => {
    run.fail(draftEntry(run, urn, goal, "", goal.inputs, undefined), "create", error);
    return { urn, id: "", outputs: {}, result: error instanceof StoppedError ? "skipped" : "failed" };
  };
  if (run.registered.has(urn)) {
    run.diagnose(
      "error",
      `duplicate resource: two resources are called "${goal.name}" with type ${goal.type} under the same parent (${urn}). Rename one.`,
      urn,
    );
    return { urn, id: "", outputs: {}, result: "failed" };
  }
  run.registered.set(urn, goal);
  run.options.masker.learn(goal.inputs);
  try {
    if (run.scheduler.stopped) throw new StoppedError();
    if (!goal.custom) return await registerComponent(run, urn, goal);
    if (isProviderType(goal.type)) return await registerProvider(run, urn, goal);
    if (packageOf(goal.type) === "pulumi")
      throw new Error(`${goal.type} is not part of the embedded engine; use the Pulumi CLI.`);
    const providerUrn = run.options.providers.urnFor(goal.type, goal.provider);
    if (goal.provider === "") await useDefaultProvider(run, goal.type);
    if (!run.isTarget(urn)) return await leaveAlone(run, urn, goal);
    return await registerCustom(run, urn, goal, providerUrn);
  } catch (error) {
    return failure(error);
  }
}

/**
 * Starts the default provider for a type or function token and keeps its configuration in the state, where a later
 * destroy finds it.
 */
export async function useDefaultProvider(run: Run, token: string): Promise<string> {
  const entry = run.options.providers.ensureDefault(token);
  run.registered.set(entry.urn, undefined);
  run.options.masker.learn(entry.inputs);
  if (!run.preview) await run.state.commit({ op: "put", entry });
  return entry.urn;
}

/** Attaches the outputs of a component or of the stack. */
export async function registerOutputs(run: Run, urn: string, outputs: PropertyMap): Promise<void> {
  run.options.masker.learn(outputs);
  const entry = run.current.get(urn);
  if (entry === undefined) throw new Error(`outputs for ${urn}, which is not registered`);
  const changed: Entry = { ...entry, outputs };
  run.current.set(urn, changed);
  run.recordOutputs(urn, outputs, entry.outputs);
  if (!run.preview) await run.state.commit({ op: "put", entry: changed });
}

/** The outputs of the stack so far. */
export function stackOutputs(run: Run): PropertyMap {
  for (const entry of run.current.values()) if (entry.type === STACK_TYPE) return entry.outputs;
  return (
    run.state.entries().find((e) => e.type === STACK_TYPE && parseUrn(e.urn).stack === run.options.stack)?.outputs ?? {}
  );
}

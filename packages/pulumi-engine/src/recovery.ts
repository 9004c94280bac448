import { markOutputs, resourceState, succeed } from "./apply";
import { messageOf } from "./errors";
import type { Run } from "./run";
import type { Pending } from "./stateFormat";
import { toPlainMap } from "./values";
import type { PropertyMap } from "./values";
import { markLike } from "./values";

function urnOf(run: Run, pending: Pending): string {
  return pending.kind === "create" ? pending.entry.urn : (run.state.get(pending.key)?.urn ?? pending.key);
}

async function recoverCreate(run: Run, pending: Extract<Pending, { kind: "create" }>): Promise<string> {
  const { entry } = pending;
  const provider = await run.provider(entry);
  const found = await provider.recover(run.context(entry.urn, entry.type, entry.timeouts), toPlainMap(entry.inputs));
  if (found === undefined) {
    await run.state.commit({ op: "settle", id: pending.id });
    return "had not created it";
  }
  // Incomplete: it exists, but nobody has seen its creation end. The next registration updates it.
  const adopted = {
    ...entry,
    id: found.id,
    outputs: markOutputs(run, provider, entry, found.outputs),
    incomplete: "its creation was interrupted",
  };
  await run.state.commit({ op: "settle", id: pending.id }, ...succeed(run, adopted, pending.replaces));
  return `had created it (${found.id}); it is taken over`;
}

async function recoverKnown(run: Run, pending: Exclude<Pending, { kind: "create" }>): Promise<string> {
  const entry = run.state.get(pending.key);
  if (entry === undefined) {
    await run.state.commit({ op: "settle", id: pending.id });
    return "left nothing to do";
  }
  const provider = await run.provider(entry);
  const found = await provider.read(
    run.context(entry.urn, entry.type, entry.timeouts, "read"),
    entry.id,
    resourceState(entry),
  );
  if (found === undefined) {
    await run.state.commit({ op: "settle", id: pending.id }, { op: "drop", key: pending.key });
    return "left it deleted";
  }
  if (pending.kind === "delete") {
    await run.state.commit({ op: "settle", id: pending.id });
    return "had not deleted it";
  }
  const inputs: PropertyMap = markLike(found.inputs, entry.inputs);
  const outputs = markOutputs(run, provider, entry, found.outputs);
  await run.state.commit(
    { op: "settle", id: pending.id },
    {
      op: "put",
      entry: { ...entry, inputs, outputs, incomplete: "its update was interrupted" },
    },
  );
  return "may have been applied in part; it is repeated";
}

/**
 * Clears up after a run that was cut off (kill -9, power): finds out through the providers what became of each
 * step that had begun, before anything else happens.
 * @throws Error when a provider cannot tell; the state still knows of the step then.
 */
export async function recover(run: Run): Promise<void> {
  const pendings = run.state.pendings();
  if (pendings.length === 0) return;
  if (run.preview) {
    const list = pendings.map((p) => `${p.kind} of ${urnOf(run, p)}`).join(", ");
    run.diagnose(
      "warning",
      `the last run was cut off in the middle of: ${list}. The next up clears that up first; until then this preview is a guess.`,
    );
    return;
  }
  const outcomes = await Promise.allSettled(
    pendings.map(async (pending) => {
      const urn = urnOf(run, pending);
      const outcome = pending.kind === "create" ? await recoverCreate(run, pending) : await recoverKnown(run, pending);
      run.diagnose(
        "info",
        `the last run was cut off in the middle of a ${pending.kind} of ${urn}, and ${outcome}`,
        urn,
      );
    }),
  );
  const errors = outcomes.flatMap((o, i) => {
    const pending = pendings[i];
    return o.status === "rejected" && pending !== undefined
      ? [`${pending.kind} of ${urnOf(run, pending)}: ${messageOf(o.reason)}`]
      : [];
  });
  if (errors.length > 0) throw new Error(`could not find out what the interrupted run had done: ${errors.join("; ")}`);
}

import { markOutputs, resourceState } from "./apply";
import { diffProperties, show } from "./diff";
import type { Run } from "./run";
import type { Entry } from "./stateFormat";
import { isProviderType } from "./urn";
import { equal, markLike } from "./values";

async function refreshEntry(run: Run, entry: Entry): Promise<void> {
  const provider = await run.provider(entry);
  const found = await run.step(entry.urn, "refresh", () =>
    provider.read(run.context(entry.urn, entry.type, entry.timeouts, "read"), entry.id, resourceState(entry)),
  );
  if (found === undefined) {
    await run.state.commit({ op: "drop", key: entry.key });
    run.record(entry, { op: "delete", status: "done" });
    return;
  }
  const inputs = markLike(found.inputs, entry.inputs);
  const outputs = markOutputs(run, provider, { ...entry, inputs }, found.outputs);
  const fresh: Entry = { ...entry, inputs, outputs };
  const same = equal(inputs, entry.inputs, true) && equal(outputs, entry.outputs, true);
  await run.state.commit({ op: "put", entry: fresh });
  const diff = diffProperties({ ...entry.outputs, ...entry.inputs }, { ...outputs, ...inputs }).map(show);
  run.record(fresh, { op: same ? "same" : "update", status: "done", diff });
}

/** Reads every managed resource again and brings the state to what really is there. Nothing else is changed. */
export async function refresh(run: Run): Promise<void> {
  await Promise.all(
    run.state.entries().map(async (entry) => {
      if (entry.condemned || !run.isTarget(entry.urn)) return;
      if (!entry.custom || entry.external || isProviderType(entry.type)) {
        run.record(entry, { op: "same", status: "done" });
        return;
      }
      try {
        await refreshEntry(run, entry);
      } catch (error) {
        run.fail(entry, "refresh", error);
      }
    }),
  );
}

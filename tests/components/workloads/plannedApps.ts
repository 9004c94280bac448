import { Mistakes, type Mistake } from "../../../components/mistakes";
import type { Endpoint } from "../../../components/topology/topology";
import type { AppEntry } from "../../../components/workloads/apps/appEntry";
import { OwnedNames } from "../../../components/workloads/apps/ownedNames";
import { planAppEntries, type PlannedEntry } from "../../../components/workloads/apps/planAppEntries";
import type { WorkloadContext } from "../../../components/workloads/workloadContext";

/** Nothing of the estate's own is taken. */
export const NOTHING_GIVEN = () => ({
  nodes: 3,
  reservedNamespaces: new Map<string, string>(),
  zones: undefined,
  names: new OwnedNames(),
});

/** Applications of an environment, planned in a context. @throws MistakesError with theirs */
export function plannedApps(
  entries: readonly AppEntry[],
  context: WorkloadContext,
  llm?: Endpoint,
): readonly PlannedEntry[] {
  const mistakes = new Mistakes();
  const given = { ...NOTHING_GIVEN(), llm: llm === undefined ? ("off" as const) : ("on" as const), llmEndpoint: llm };
  const planned = planAppEntries(entries, given, context, mistakes);
  mistakes.refuse("the applications");
  return planned;
}

/** What is told of them. */
export function mistakesOfApps(entries: readonly AppEntry[], context: WorkloadContext): readonly Mistake[] {
  const mistakes = new Mistakes();
  planAppEntries(entries, { ...NOTHING_GIVEN(), llm: "off", llmEndpoint: undefined }, context, mistakes);
  return mistakes.all;
}

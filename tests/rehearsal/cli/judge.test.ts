import type { Operation, ResourceResult } from "@standin/pulumi-engine/events";
import type { StateResource } from "@standin/pulumi-engine/stateResources";
import { toGraph, type EmittedOne } from "../../../diff/model/emitted";
import { Judge } from "../../../rehearsal/cli/judge";
import { SERVER } from "../../../verifier/read/knownTypes";
import { prodEstate } from "../../verifier/change/support/prodEstate";

// The rehearsal's judge is shown a state as a run that was cut off, or that failed, has left it.
const estate = prodEstate();
const shown = toGraph(estate).resources.map((one, i) => ({ ...one, life: estate.resources[i] as EmittedOne }));
const isObject = (type: string): boolean => type.startsWith("kubernetes:");

const state: readonly StateResource[] = shown.map(({ life, type, name, inputs }) => ({
  ...{ urn: life.urn, type, name, id: life.id, custom: !type.startsWith("keybuzz:"), inputs, outputs: {} },
  ...{ dependencies: life.dependencies ?? [], propertyDependencies: life.propertyDependencies },
  ...{ protect: life.protect, retainOnDelete: life.retainOnDelete },
}));
const planned = (opOf: (one: StateResource) => Operation, more: object = {}): readonly ResourceResult[] =>
  state.map((one) => {
    const op = opOf(one);
    return {
      ...{ ...one, op, status: "done", parent: "", deletedWith: "", diff: [] },
      inputs: op === "update" ? { ...one.inputs, ...more } : one.inputs,
    };
  });
const cutOffAt = (part: string): readonly string[] => state.flatMap(({ urn }) => (urn.endsWith(part) ? [urn] : []));
const judged = (resources: readonly StateResource[], unsettled: readonly string[], plan: readonly ResourceResult[]) => {
  const judge = new Judge({ stack: "prod", state: { resources, unsettled }, consent: [] });
  return { reasons: judge.plan(plan), judge };
};

test("what is unsafe is refused after a run that was cut off, and it is told what nobody knows", () => {
  const larger = planned(({ type, name }) => (type === SERVER && /^db-/.test(name) ? "update" : "same"), {
    serverType: "ccx33",
  });
  const { reasons, judge } = judged(state, cutOffAt(":Namespace::namespaces-vault"), larger);
  expect(reasons).toEqual([expect.stringMatching(/^The judge of changes refuses this: 1 finding/)]);
  expect(judge.change?.harms).toEqual([expect.objectContaining({ kind: "majority", subject: "PostgreSQL" })]);
  expect(judge.change?.unknown).toEqual([expect.stringMatching(/^what became of Namespace namespaces-vault: /)]);
});

test("a first run that was cut off, or failed, before anybody serves goes on", () => {
  const there = state.filter(({ type }) => !isObject(type));
  const rest = planned(({ type }) => (isObject(type) ? "create" : "same"));
  for (const unsettled of [[], cutOffAt(":Namespace::namespaces-vault")]) {
    const { reasons, judge } = judged(there, unsettled, rest);
    expect(reasons).toEqual([]);
    expect(judge.change?.ok).toBe(true);
  }
});

import type { ResourceResult } from "@standin/pulumi-engine/events";
import type { StateResource, StateResources } from "@standin/pulumi-engine/stateResources";
import { deletesFirst, type Change, type Movement } from "../estate";
import { graphOf } from "./plannedGraph";
import { shortName } from "./names";

/** What a planned run does to what is there, as the judge of changes reads it. */
export function plannedChange(
  { resources, unsettled }: StateResources,
  planned: readonly ResourceResult[],
  consent: readonly string[],
): Change {
  const before = resources.map(shown);
  const old = new Map(before.map((one) => [one.urn, one]));
  const cutOff = [...new Set(unsettled)].map(shortName);
  return {
    before: { resources: before },
    after: graphOf(planned),
    movements: planned.flatMap((one) => movementOf(one, old)),
    consent,
    unknown:
      cutOff.length === 0
        ? []
        : [`what became of ${cutOff.join(", ")}: a run was cut off there, and this one finds out as it goes`],
  };
}

type Shown = Pick<
  StateResource,
  "urn" | "type" | "name" | "id" | "inputs" | "dependencies" | "protect" | "retainOnDelete"
>;

/** What a component says of itself are its outputs. */
const shown = (one: StateResource): Shown => (one.custom ? one : { ...one, inputs: { ...one.inputs, ...one.outputs } });

function movementOf(one: ResourceResult, old: ReadonlyMap<string, Shown>): readonly Movement[] {
  const { urn, op, replaceKeys = [] } = one;
  if (op !== "create" && op !== "update" && op !== "replace" && op !== "delete") return [];
  // Components only hold others; their children are movements of their own.
  if (one.type.startsWith("keybuzz:")) return [];
  const before = old.get(urn);
  return [
    {
      operation: op,
      ...(before === undefined ? {} : { before }),
      ...(op === "delete" ? {} : { after: one }),
      because: replaceKeys,
      deleteFirst: deletesFirst(one),
    },
  ];
}

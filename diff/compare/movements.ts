import { deletesFirst, type Change, type Movement, type PlannedResource } from "../../verifier/change/movement";
import { SERVER } from "../../verifier/read/knownTypes";
import { toGraph, type EmittedEstate, type EmittedOne } from "../model/emitted";
import { isComponent, resourceChanges, type ResourceChange } from "./resources";

/** What the change of one program into another does, as the judge of changes reads it. Nobody consents to anything. */
export function changeOf(
  base: EmittedEstate,
  head: EmittedEstate,
  changes: readonly ResourceChange[] = resourceChanges(base, head).changes,
): Change {
  const [before, after] = [toGraph(base), toGraph(head)];
  const planned = (graph: typeof before, estate: EmittedEstate): ReadonlyMap<string, PlannedResource> =>
    new Map(graph.resources.map((one, index) => [one.urn ?? "", withLife(one, estate.resources[index] as EmittedOne)]));
  const [old, now] = [planned(before, base), planned(after, head)];
  const orders = [base, head].every(({ resources }) =>
    resources.some(({ dependencies }) => dependencies !== undefined),
  );
  return {
    before,
    after,
    movements: changes.flatMap((one) => movementOf(one, old, now)),
    consent: [],
    unknown: [
      "What is really there: two programs were compared, and no state.",
      ...(orders ? [] : ["In which order things go: the base was written before that was asked."]),
    ],
  };
}

type Planned = ReadonlyMap<string, PlannedResource>;

const withLife = (
  resource: Omit<PlannedResource, "urn">,
  { urn, protect, retainOnDelete, hooks }: EmittedOne,
): PlannedResource => ({ ...resource, urn, protect, retainOnDelete, ...(hooks === undefined ? {} : { hooks }) });

function movementOf(
  { operation, before, after, because }: ResourceChange,
  old: Planned,
  now: Planned,
): readonly Movement[] {
  const one = after ?? before;
  if (operation === "state" || one === undefined || isComponent(one.type)) return [];
  const [was, will] = [old.get(before?.urn ?? ""), now.get(after?.urn ?? "")];
  return [
    {
      operation,
      ...(was === undefined ? {} : { before: was }),
      ...(will === undefined ? {} : { after: will }),
      because,
      deleteFirst: one.deleteBeforeReplace ?? deletesFirst(one),
    },
  ];
}

/** Servers that both have, and of another type: what a run asks Hetzner for before it registers them. */
export function resizedServers(base: EmittedEstate, head: EmittedEstate): readonly string[] {
  const types = ({ resources }: EmittedEstate): ReadonlyMap<string, unknown> =>
    new Map(resources.filter(({ type }) => type === SERVER).map(({ name, inputs }) => [name, inputs["serverType"]]));
  const old = types(base);
  return [...types(head)].flatMap(([name, type]) => (old.has(name) && old.get(name) !== type ? [name] : []));
}

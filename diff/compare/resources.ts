import { replaced, type EmittedEstate, type EmittedOne } from "../model/emitted";
import { withoutMadeUp } from "../model/madeUp";
import type { FieldChange, Operation } from "../model/model";
import { fieldChanges } from "./fields";
import { isWithin, replaceRules } from "./replaces";

/** What happens to one resource. */
export interface ResourceChange {
  readonly operation: Operation;
  readonly before: EmittedOne | undefined;
  readonly after: EmittedOne | undefined;
  readonly changes: readonly FieldChange[];
  /** Why it is replaced. */
  readonly because: readonly string[];
}

export interface Resources {
  readonly changes: readonly ResourceChange[];
  readonly same: number;
}

/** Types of the program's own components, which only show what others do. */
export const isComponent = (type: string): boolean => type.startsWith("keybuzz:") || type === "pulumi:pulumi:Stack";

/** What an `up` would make of the second estate where the first one is deployed. */
export function resourceChanges(base: EmittedEstate, head: EmittedEstate): Resources {
  const old = new Map(base.resources.map((one) => [one.urn, one]));
  const predecessors = new Map(
    head.resources.map((one) => [one, [one.urn, ...one.aliases].flatMap((urn) => old.get(urn) ?? [])[0]]),
  );
  const continued = new Set([...predecessors.values()].map((one) => one?.urn));
  const ids = idNames([base, head]);
  const rules = replaceRules(head);
  const direct = head.resources.map((after): ResourceChange => {
    const before = predecessors.get(after);
    if (before === undefined) return { operation: "create", before, after, changes: leaves(after, ids), because: [] };
    // What it is told to leave alone, an `up` does not see.
    const changes = fieldChanges(named(applied(before), ids), named(applied(after), ids)).filter(
      ({ path }) => !isWithin(path, after.ignoreChanges),
    );
    const replaces = rules(after);
    const because = changes.filter(({ path }) => replaces(path)).map(({ path }) => path);
    const moved = before.urn === after.urn ? [] : [moveOf(before, after)];
    const operation = because.length > 0 ? "replace" : changes.length > 0 ? "update" : "state";
    return { operation, before, after, changes: [...changes, ...moved, ...protection(before, after)], because };
  });
  const all = withFollowers(direct, rules);
  const gone = base.resources
    .filter(({ urn }) => !continued.has(urn))
    .map((before): ResourceChange => ({ operation: "delete", before, after: undefined, changes: [], because: [] }));
  const changes = [...gone, ...all.filter((one) => one.operation !== "state" || one.changes.length > 0)];
  return { changes, same: head.resources.length + gone.length - changes.length };
}

function applied({ inputs }: EmittedOne): EmittedOne["inputs"] {
  return "create" in inputs ? { ...inputs, create: withoutDigest(inputs["create"]) } : inputs;
}

/** A host's command ends in the digest of its script, whose change is told by what changes on the host. */
const withoutDigest = (value: unknown): unknown =>
  typeof value === "string" ? value.replace(/ # [0-9a-f]{16}$/, "") : value;

/** A resource whose reference is to one that is replaced gets another value there, and may be replaced itself. */
function withFollowers(
  all: readonly ResourceChange[],
  rules: (one: EmittedOne) => (path: string) => boolean,
): readonly ResourceChange[] {
  const result = new Map(all.map((one) => [one.after?.urn, one]));
  const waiting = all.filter(({ operation }) => operation === "replace").map(({ after }) => after?.urn);
  for (let urn = waiting.shift(); urn !== undefined; urn = waiting.shift()) {
    for (const [own, one] of result) {
      const { after, operation } = one;
      // Fields of Kubernetes' objects are told one by one already: their values are made up from what they depend on.
      if (after === undefined || after.type.startsWith("kubernetes:")) continue;
      if (operation === "create" || operation === "replace") continue;
      const properties = Object.entries(after.propertyDependencies).flatMap(([property, urns]) =>
        urns.includes(urn ?? "") && !isWithin(property, after.ignoreChanges) ? [property] : [],
      );
      const name = urn.slice(urn.lastIndexOf("::") + 2);
      const because = properties
        .filter((property) => rules(after)(property))
        .map((property) => `${property}, of ${name}`);
      if (because.length === 0) continue;
      result.set(own, { ...one, operation: "replace", because: [...one.because, ...because] });
      waiting.push(own);
    }
  }
  return [...result.values()];
}

function moveOf(before: EmittedOne, after: EmittedOne): FieldChange {
  return { path: "urn", kind: "value", before: before.urn, after: after.urn };
}

function protection(before: EmittedOne, after: EmittedOne): readonly FieldChange[] {
  if (before.protect === after.protect) return [];
  return [{ path: "protect", kind: "value", before: String(before.protect), after: String(after.protect) }];
}

const leaves = (one: EmittedOne, ids: ReadonlyMap<string, string>): readonly FieldChange[] =>
  fieldChanges({}, named(applied(one), ids));

/** Made-up ids as what they are of. */
function idNames(estates: readonly EmittedEstate[]): ReadonlyMap<string, string> {
  const own = estates.flatMap(({ resources }) => resources).filter(({ type }) => !isComponent(type));
  return new Map(own.map(({ id, name }) => [id, `(id of ${name})`]));
}

const named = (value: unknown, ids: ReadonlyMap<string, string>): unknown =>
  replaced(value, (one) => {
    if (typeof one === "number") return ids.get(String(one));
    return typeof one === "string" ? (ids.get(one) ?? withoutMadeUp(one)) : undefined;
  });

import type { ChangeGroup, FieldChange, Operation } from "../model/model";
import { groupBy } from "./names";
import { isComponent, type ResourceChange } from "./resources";

const ORDER: readonly Operation[] = ["delete", "replace", "state", "update", "create"];

/** Equal changes are one: "the same on 22 hosts". What comes or goes whole is grouped by type. */
export function changeGroups(changes: readonly ResourceChange[]): readonly ChangeGroup[] {
  const parts = changes.flatMap(partsOf);
  const alike = groupBy(parts, ({ operation, type, changes, because }) =>
    [operation, type, ...changes.map(keyOf), ...because].join("\n"),
  );
  // Fields that change for the same resources stand together.
  const groups = groupBy(
    [...alike.values()].flatMap((some) =>
      some.slice(0, 1).map((first) => ({ ...first, names: some.map(({ name }) => name) })),
    ),
    ({ operation, type, names, because }) => [operation, type, ...names, ...because].join("\n"),
  );
  const found = [...groups.values()].flatMap((some) =>
    some.slice(0, 1).map(({ operation, type, names, because }): ChangeGroup => ({
      operation,
      type,
      names,
      because,
      changes: some.flatMap((one) => one.changes),
    })),
  );
  const place = ({ operation }: ChangeGroup): number => ORDER.indexOf(operation);
  return found.sort((a, b) => place(a) - place(b) || (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
}

interface Part {
  readonly operation: Operation;
  readonly type: string;
  readonly name: string;
  readonly because: readonly string[];
  /** One field; of what is new all of them, for it is told whole. */
  readonly changes: readonly FieldChange[];
}

function partsOf({ operation, before, after, changes, because }: ResourceChange): readonly Part[] {
  const one = after ?? before;
  if (one === undefined) return [];
  const { type, name } = one;
  // A component only holds others; a host's shows what is on it, which is told where it changes.
  const told = changes.filter(({ path }) => !(isComponent(type) && (operation === "create" || path === "digest")));
  const whole = { operation, type, name, because };
  if (operation === "create" || told.length === 0)
    return operation === "update" || operation === "state" ? [] : [{ ...whole, changes: told }];
  return told.map((change) => ({ ...whole, changes: [change] }));
}

/** Two changes of a text are the same when the same lines come and go, whatever stands around them. */
function keyOf(change: FieldChange): string {
  if (change.kind !== "lines") return JSON.stringify(change);
  const lines = change.hunks.flat().filter((line) => !line.startsWith(" "));
  return `${change.path}\n${lines.join("\n")}`;
}

import { fieldChanges } from "../../diff/compare/fields";
import { changeGroups } from "../../diff/compare/groups";
import type { ResourceChange } from "../../diff/compare/resources";
import { tellChanges } from "../../diff/compare";
import { FORMAT, NotComparableError, SECRET, type EmittedEstate, type EmittedOne } from "../../diff/model/emitted";
import { HOST_TYPE, hostOfView } from "../../diff/model/hostView";
import type { ChangeGroup, EffectKind, EstateDiff, Operation } from "../../diff/model/model";
import { parsePath, type PropertyPath } from "@standin/pulumi-engine/propertyPath";
import type { ResourceResult } from "@standin/pulumi-engine/events";
import { DECLARING_TYPE } from "../estate";

/** What a run says of its resources, on both sides. */
interface Sides {
  readonly before: EmittedEstate;
  readonly after: EmittedEstate;
  readonly changes: readonly ResourceChange[];
  readonly same: number;
}

/**
 * What a run does (or would do) to people, machines and data, in the words of `npm run diff`: the same reader of
 * effects, with the state in the place of a commit, and the engine's word for what happens to each resource.
 *
 * @returns undefined where nothing was there before, nothing changes, or one side declares nothing
 */
export function changesOf(stack: string, resources: readonly ResourceResult[]): EstateDiff | undefined {
  const { before, after, changes, same } = sidesOf(stack, resources);
  if (before.declaration === undefined || changes.length === 0) return undefined;
  try {
    const diff = tellChanges(
      { name: "what the state knows", estate: before },
      { name: "the program", estate: after },
      { changes, same },
      undefined,
      // By the run's own judge (judge.ts), who knows of hooks and consent.
      { isWayJudged: false },
    );
    // Findings are the verdict's, which comes last.
    return { ...diff, effects: diff.effects.filter(({ kind }) => !ELSEWHERE.includes(kind)) };
  } catch (error) {
    if (error instanceof NotComparableError) return undefined;
    throw error;
  }
}

const ELSEWHERE: readonly EffectKind[] = ["refused", "mended"];

/** Field by field, where nobody says what that does to whom: of a refresh, or of an estate that has not said what it is. */
export function fieldGroups(resources: readonly ResourceResult[]): readonly ChangeGroup[] {
  return changeGroups(
    resources.flatMap((one) => {
      const sides = bothOf(one);
      if (sides.operation !== "update" && sides.operation !== "replace") return [];
      // Each difference as it stands: what the cloud answers is not among the inputs.
      const changes = one.diff.flatMap((field) => fieldChanges(valueBefore(field), field.after, field.path));
      return [{ ...sides, operation: sides.operation, changes }];
    }),
  );
}

function sidesOf(stack: string, resources: readonly ResourceResult[]): Sides {
  const told = resources.filter(({ op }) => op !== "read").map(bothOf);
  const platform = resources.find(({ type }) => type === DECLARING_TYPE);
  const now = new Map(told.map(({ after }) => [after?.urn, after?.inputs]));
  const estate = (declaration: unknown, some: readonly (EmittedOne | undefined)[]): EmittedEstate => {
    const known = some.filter((one) => one !== undefined);
    const hosts = known.filter(({ type }) => type === HOST_TYPE);
    return {
      format: FORMAT,
      stack,
      resources: known,
      declaration,
      hosts: Object.fromEntries(hosts.map(({ urn, name, inputs }) => [name, hostOfView(inputs, now.get(urn))])),
    };
  };
  const changes = told.filter(({ operation }) => operation !== undefined).map(changeOf);
  return {
    before: estate(
      platform?.outputsBefore?.["declaration"],
      told.map(({ before }) => before),
    ),
    after: estate(
      platform?.outputs?.["declaration"],
      told.map(({ after }) => after),
    ),
    changes,
    same: told.length - changes.length,
  };
}

interface Both {
  readonly operation: Operation | undefined;
  readonly before: EmittedOne | undefined;
  readonly after: EmittedOne | undefined;
  readonly because: readonly string[];
}

/** Undone, or never begun, is as if nothing happened; refused in a preview is told as what it would be. */
function bothOf(result: ResourceResult): Both {
  const { op, status, diff, replaceKeys: because = [] } = result;
  const operation = status === "skipped" ? undefined : operationOf(op, diff.length > 0);
  const now = emittedOne(result, result.inputs);
  const old = diff.length === 0 ? now : emittedOne(result, undone(result.inputs, diff));
  if (operation === "create") return { operation, before: undefined, after: now, because };
  if (operation === "delete") return { operation, before: now, after: undefined, because };
  return { operation, before: old, after: now, because };
}

function operationOf(op: ResourceResult["op"], differs: boolean): Operation | undefined {
  switch (op) {
    case "create":
    case "update":
    case "replace":
    case "delete":
      return op;
    case "import":
      return differs ? "update" : undefined;
    case "same":
    case "read":
    case "refresh":
      return undefined;
  }
}

function changeOf({ operation, before, after, because }: Both): ResourceChange {
  const whole = operation === "delete" ? [] : fieldChanges(shown(before), shown(after));
  return { operation: operation ?? "update", before, after, changes: whole, because };
}

/** The digest that a host's command ends in says nothing: what changes on the host is told by the host. */
function shown(one: EmittedOne | undefined): Readonly<Record<string, unknown>> {
  const { create } = one?.inputs ?? {};
  if (one === undefined || typeof create !== "string") return one?.inputs ?? {};
  return { ...one.inputs, create: create.replace(/ # [0-9a-f]{16}$/, "") };
}

function emittedOne(result: ResourceResult, inputs: Readonly<Record<string, unknown>>): EmittedOne {
  const { urn, type, name, id, protect, retainOnDelete, dependencies, propertyDependencies = {} } = result;
  const none: readonly string[] = [];
  return {
    ...{ urn, type, name, id, protect, inputs, dependencies, propertyDependencies, retainOnDelete },
    aliases: none,
    ignoreChanges: none,
    replaceOnChanges: none,
  };
}

/** A secret that is another one gets another mask. */
const valueBefore = ({ before, after }: ResourceResult["diff"][number]): unknown =>
  before === SECRET && after === SECRET ? `${SECRET} before` : before;

/** Inputs as they were before: each difference taken back. */
function undone(
  inputs: Readonly<Record<string, unknown>>,
  differences: ResourceResult["diff"],
): Readonly<Record<string, unknown>> {
  const old = structuredClone(inputs) as Record<string, unknown>;
  // From the end of each list, so that what is taken out moves nothing that is still to come.
  for (const field of [...differences].reverse()) put(old, parsePath(field.path), valueBefore(field));
  return old;
}

function put(holder: Record<string, unknown> | unknown[], path: PropertyPath, value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  const holding = holder as Record<string | number, unknown>;
  if (rest.length > 0) {
    const inner = holding[key];
    if (typeof inner === "object" && inner !== null) put(inner as Record<string, unknown>, rest, value);
    return;
  }
  if (value !== undefined) holding[key] = value;
  else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holding[key];
}

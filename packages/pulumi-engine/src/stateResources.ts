import { existsSync, readFileSync } from "node:fs";
import type { Entry, Pending, StateOperation } from "./stateFormat";
import { decodeValue, parseState } from "./stateFormat";
import { parseUrn } from "./urn";
import { toMaskedMap } from "./values";

/** One resource of a state, whole but for its secrets. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly custom: boolean;
  /** Secrets as "[secret]". */
  readonly inputs: { readonly [key: string]: unknown };
  /** The same. */
  readonly outputs: { readonly [key: string]: unknown };
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
}

/** What there is, as the last run left it. */
export interface StateResources {
  readonly resources: readonly StateResource[];
  /** URNs of steps that were cut off, or of which it is not known how they ended. */
  readonly unsettled: readonly string[];
}

/**
 * Reads a state's resources without passphrase and without touching it; undefined when there is none.
 *
 * @throws EngineError when it is damaged or newer than this engine.
 */
export function stateResources(stateFile: string): StateResources | undefined {
  if (!existsSync(stateFile)) return undefined;
  const entries = new Map<string, Entry>();
  const pending = new Map<string, Pending>();
  for (const operation of parseState(readFileSync(stateFile, "utf8"), stateFile).transactions.flat()) {
    const one = decodeValue(operation, () => "null") as unknown as StateOperation;
    if (one.op === "put") entries.set(one.entry.key, one.entry);
    else if (one.op === "drop") entries.delete(one.key);
    else if (one.op === "begin") pending.set(one.pending.id, one.pending);
    else pending.delete(one.id);
  }
  const shown = [...entries.values()].filter(({ hidden, condemned }) => !hidden && !condemned);
  const cutOff = [...pending.values()].map((one) =>
    one.kind === "create" ? one.entry.urn : (entries.get(one.key)?.urn ?? one.key),
  );
  return {
    resources: shown.map((entry) => ({
      urn: entry.urn,
      type: entry.type,
      name: parseUrn(entry.urn).name,
      id: entry.id,
      custom: entry.custom,
      inputs: toMaskedMap(entry.inputs),
      outputs: toMaskedMap(entry.outputs),
      dependencies: entry.dependencies,
      propertyDependencies: entry.propertyDependencies,
      protect: entry.protect,
      retainOnDelete: entry.retainOnDelete,
    })),
    unsettled: [...cutOff, ...shown.flatMap(({ urn, incomplete }) => (incomplete === undefined ? [] : [urn]))],
  };
}

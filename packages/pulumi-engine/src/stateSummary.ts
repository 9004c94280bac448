import { existsSync, readFileSync, statSync } from "node:fs";
import { lockHolder } from "./lock";
import type { LockHolder } from "./lock";
import type { Entry, Pending, StateOperation } from "./stateFormat";
import { decodeValue, parseState } from "./stateFormat";
import { parseUrn, STACK_TYPE } from "./urn";
import { toMaskedMap } from "./values";

/** One resource as `status` shows it; nothing secret in it. */
export interface ResourceSummary {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** URN, "" for none. */
  readonly parent: string;
  readonly protect: boolean;
  /** Waits for deletion, its replacement exists. */
  readonly condemned: boolean;
  /** Why it cannot be trusted until the next up. */
  readonly incomplete?: string;
}

/** What a state file says, readable without the passphrase. */
export interface StateSummary {
  readonly file: string;
  readonly project: string;
  readonly stack: string;
  /** ISO 8601 time of the last change. */
  readonly modified: string;
  readonly resources: readonly ResourceSummary[];
  /** Steps that were under way when the last run was cut off. */
  readonly pending: readonly { readonly kind: Pending["kind"]; readonly urn: string }[];
  /** Stack outputs, secrets masked. */
  readonly outputs: { readonly [name: string]: unknown };
  /** The engine at work on it now, if any. */
  readonly lockedBy?: LockHolder;
}

/**
 * Reads a state without passphrase and without touching it; undefined when there is none.
 * @throws EngineError when it is damaged or newer than this engine.
 */
export function stateSummary(stateFile: string): StateSummary | undefined {
  if (!existsSync(stateFile)) return undefined;
  const raw = parseState(readFileSync(stateFile, "utf8"), stateFile);
  const entries = new Map<string, Entry>();
  const pending = new Map<string, Pending>();
  for (const operation of raw.transactions.flat()) {
    // Secrets stay closed: their place is known, their content is not needed.
    const o = decodeValue(operation, () => "null") as unknown as StateOperation;
    if (o.op === "put") entries.set(o.entry.key, o.entry);
    else if (o.op === "drop") entries.delete(o.key);
    else if (o.op === "begin") pending.set(o.pending.id, o.pending);
    else pending.delete(o.id);
  }
  const shown = [...entries.values()].filter((e) => !e.hidden);
  const lockedBy = lockHolder(stateFile);
  return {
    file: stateFile,
    project: raw.header.project,
    stack: raw.header.stack,
    modified: statSync(stateFile).mtime.toISOString(),
    resources: shown.map((e) => ({
      urn: e.urn,
      type: e.type,
      name: parseUrn(e.urn).name,
      id: e.id,
      parent: e.parent,
      protect: e.protect,
      condemned: e.condemned,
      ...(e.incomplete === undefined ? {} : { incomplete: e.incomplete }),
    })),
    pending: [...pending.values()].map((p) => ({
      kind: p.kind,
      urn: p.kind === "create" ? p.entry.urn : (entries.get(p.key)?.urn ?? p.key),
    })),
    outputs: toMaskedMap(shown.find((e) => e.type === STACK_TYPE)?.outputs ?? {}),
    ...(lockedBy === undefined ? {} : { lockedBy }),
  };
}

import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { EngineError } from "./errors";
import { UNKNOWN } from "./provider";
import { SECRET_SIGNATURE, SIGNATURE_KEY } from "./serialize";
import type { EngineValue, PropertyMap } from "./values";
import { isList, isMap, Secret } from "./values";

/** Raised whenever an older engine could not read what a newer one writes. */
export const STATE_VERSION = 1;
const FORMAT = "standin-engine-state";

/** customTimeouts, in seconds. */
export interface Timeouts {
  readonly create?: number;
  readonly update?: number;
  readonly delete?: number;
  readonly read?: number;
}

/** One resource in the state. */
export interface Entry {
  /** The URN; for a condemned entry the URN and a number, since its successor has the same URN. */
  readonly key: string;
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  /** Read, not managed: never updated or deleted. */
  readonly external: boolean;
  /** Replaced already; waits to be deleted. */
  readonly condemned: boolean;
  /** A default provider: kept for its configuration, not reported. */
  readonly hidden: boolean;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  readonly parent: string;
  /** URN of the provider resource, "" for components. */
  readonly provider: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: { readonly [property: string]: readonly string[] };
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deletedWith: string;
  readonly deleteBeforeReplace?: boolean;
  readonly replaceOnChanges: readonly string[];
  readonly replacementTrigger?: EngineValue;
  readonly timeouts: Timeouts;
  /** additionalSecretOutputs. */
  readonly secretOutputs: readonly string[];
  /** Why the last create or update cannot be trusted: the next run updates even without a difference. */
  readonly incomplete?: string;
}

/** A step that has begun and not been heard of since. */
export type Pending =
  | { readonly kind: "create"; readonly id: string; readonly entry: Entry; readonly replaces?: string }
  | { readonly kind: "update"; readonly id: string; readonly key: string }
  | { readonly kind: "delete"; readonly id: string; readonly key: string };

/** One change of the state. A line of the file holds a list of them, which count together or not at all. */
export type StateOperation =
  | { readonly op: "put"; readonly entry: Entry }
  | { readonly op: "drop"; readonly key: string }
  | { readonly op: "begin"; readonly pending: Pending }
  | { readonly op: "settle"; readonly id: string };

/** First line of the file. */
export interface StateHeader {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly project: string;
  readonly stack: string;
  readonly salt: string;
  readonly check: string;
}

/** Makes the header of a new file. */
export function stateHeader(project: string, stack: string, salt: string, check: string): StateHeader {
  return { format: FORMAT, version: STATE_VERSION, project, stack, salt, check };
}

/** Prepares a value for JSON: secrets encrypted. @throws Error for UNKNOWN, which has no place in a state. */
export function encodeValue(value: EngineValue, encrypt: (text: string) => string): unknown {
  if (value === UNKNOWN)
    throw new Error("an unknown value reached the state: a provider returned UNKNOWN outside a preview");
  if (value instanceof Secret)
    return {
      [SIGNATURE_KEY]: SECRET_SIGNATURE,
      ciphertext: encrypt(JSON.stringify(encodeValue(value.value, encrypt))),
    };
  if (isList(value)) return value.map((v) => encodeValue(v, encrypt));
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, encodeValue(v, encrypt)]));
  return value;
}

/** The other way round. */
export function decodeValue(value: unknown, decrypt: (text: string) => string): EngineValue {
  if (Array.isArray(value)) return value.map((v) => decodeValue(v, decrypt));
  if (typeof value !== "object" || value === null) return value as EngineValue;
  const map = value as { readonly [key: string]: unknown };
  if (map[SIGNATURE_KEY] === SECRET_SIGNATURE)
    return new Secret(decodeValue(JSON.parse(decrypt(String(map["ciphertext"]))), decrypt));
  return Object.fromEntries(Object.entries(map).map(([k, v]) => [k, decodeValue(v, decrypt)]));
}

/** One line: checksum of the JSON text, a blank, the JSON text. */
export function encodeLine(content: unknown): string {
  const text = JSON.stringify(content);
  return `${crc32(text).toString(16).padStart(8, "0")} ${text}\n`;
}

function decodeLine(line: string): unknown {
  const text = line.slice(9);
  return line[8] === " " && line.slice(0, 8) === crc32(text).toString(16).padStart(8, "0")
    ? JSON.parse(text)
    : undefined;
}

/** A file's content, secrets still encrypted. */
export interface RawState {
  readonly header: StateHeader;
  readonly transactions: readonly (readonly unknown[])[];
  /** The last line was cut off by a crash; what it would have said never happened. */
  readonly torn: boolean;
}

/**
 * Reads and verifies a whole file.
 * @throws EngineError "state-damaged", "state-foreign" or "state-newer", naming the file; the caller must then leave it alone.
 */
export function parseState(text: string, file: string): RawState {
  const damaged = (what: string): EngineError =>
    new EngineError(
      "state-damaged",
      `${file}: the state is damaged (${what}); nothing was changed. Restore the file from a copy.`,
    );
  const lines = text.split("\n");
  const torn = lines.pop() !== "";
  const [first, ...rest] = lines;
  const header = first === undefined ? undefined : (decodeLine(first) as StateHeader | undefined);
  const format: unknown = header?.format;
  if (typeof format === "string" && format !== FORMAT) {
    throw new EngineError(
      "state-foreign",
      `${file}: the state is in format "${format}", of an earlier version or another program, and this engine reads "${FORMAT}" alone; nothing was changed. It cannot be gone on with: move ${dirname(file)} away to begin anew.`,
    );
  }
  if (header?.format !== FORMAT) throw damaged("line 1 is not the header of an engine state");
  if (header.version > STATE_VERSION) {
    throw new EngineError(
      "state-newer",
      `${file}: the state has format ${header.version}, this engine reads up to ${STATE_VERSION}; nothing was changed. Use the newer engine that wrote it.`,
    );
  }
  const transactions = rest.map((line, i) => {
    const operations = decodeLine(line);
    if (!Array.isArray(operations)) throw damaged(`the checksum of line ${i + 2} does not match`);
    return operations as unknown[];
  });
  return { header, transactions, torn };
}

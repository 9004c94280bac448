import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UNKNOWN, type Properties, type Value } from "@standin/pulumi-engine/provider";

/** One call of calls.jsonl (README.md): what the real provider was asked, and what it answered. */
export interface Call {
  readonly case: string;
  readonly method: "Check" | "Diff" | "Create" | "Read" | "Update" | "Delete";
  readonly type: string;
  readonly name: string;
  readonly id?: string;
  readonly news?: Properties;
  /** Check: inputs; Diff and Update: outputs. */
  readonly olds?: Properties;
  readonly oldInputs?: Properties;
  readonly inputs?: Properties;
  readonly properties?: Properties;
  readonly response?: {
    readonly id?: string;
    readonly inputs?: Properties;
    readonly properties?: Properties;
    readonly changes?: "DIFF_NONE" | "DIFF_SOME";
    readonly diffs?: readonly string[];
    readonly replaces?: readonly string[];
    readonly deleteBeforeReplace?: boolean;
    readonly hasDetailedDiff?: boolean;
    readonly detailedDiff?: Readonly<Record<string, { readonly kind?: string }>>;
  };
  readonly errors?: readonly string[];
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const UNKNOWN_MARKER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const readCalls = (): Call[] =>
  readFileSync(join(__dirname, "calls.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Call);

/** Applies to every value, innermost first; undefined takes it away. */
export function deep(
  value: Value,
  change: (value: Value, key: string) => Value | undefined,
  key = "",
): Value | undefined {
  if (Array.isArray(value))
    return change(
      (value as readonly Value[]).map((one) => deep(one, change, key) ?? null),
      key,
    );
  if (typeof value !== "object" || value === null) return change(value, key);
  const entries = Object.entries(value as Properties).map(([name, one]) => [name, deep(one, change, name)] as const);
  return change(Object.fromEntries(entries.filter(([, one]) => one !== undefined)) as Properties, key);
}

/** As the engine hands values to a provider: secrets unwrapped, unknowns as such, the bridge's notes left out. */
export const plain = (value: Properties | undefined): Properties =>
  deep(value ?? {}, (one, key) => {
    if (key === "__defaults") return undefined;
    if (one === UNKNOWN_MARKER) return UNKNOWN;
    const map = one as Properties;
    return typeof one === "object" && one !== null && SIGNATURE in map ? map["value"] : one;
  }) as Properties;

/** Names of the top-level properties that the real provider marked as secret. */
export const secretsIn = (value: Properties | undefined): string[] =>
  Object.entries(value ?? {}).flatMap(([name, one]) =>
    typeof one === "object" && one !== null && SIGNATURE in (one as Properties) ? [name] : [],
  );

const TIMES = ["created", "notValidBefore", "notValidAfter"];
const DRAWN = [
  "result",
  "b64Std",
  "b64Url",
  "dec",
  "hex",
  "fingerprint",
  "macAddress",
  "certificate",
  "privateKey",
  "publicKey",
];

/** What is another one each time: keys, times, addresses of network cards. A time that is none stays. */
export const masked = (value: Properties): Properties =>
  deep(value, (one, key) => {
    if (key === "id") return undefined;
    if (typeof one !== "string") return one;
    const isDrawn = key === "fingerprint" || (one !== "" && DRAWN.includes(key));
    return isDrawn || (TIMES.includes(key) && !one.startsWith("0001")) ? `<${key}>` : one;
  }) as Properties;

/** The code in "... (invalid_server_type, <correlation>)". */
export const codeIn = (message: string): string | undefined => /\(([a-z]+(?:_[a-z]+)+)\b[^)]*\)/.exec(message)?.[1];

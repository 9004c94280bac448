import { DECLARING_TYPE } from "../../verifier/declaration";
import { at, fields, list, text, type EmittedGraph } from "../../verifier/read/graph";

/**
 * Of what tools/emitEstate.ts writes. It is another one when an older reader would misread what a newer program
 * writes, or the other way round: a base that writes another format is refused by name.
 */
export const FORMAT = 1;

/** One resource as a program registers it: whole, but for its secrets. */
export interface EmittedOne {
  readonly urn: string;
  /** Type token. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** Made up, the same for the same type and name in every run. */
  readonly id: string;
  readonly protect: boolean;
  /** In the place of each secret stands {@link SECRET} and a fingerprint that only this run can compare. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** URNs of all that it waits for. Absent: written before anybody asked. */
  readonly dependencies?: readonly string[];
  /** URNs that one input's value comes from. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** URNs under which it may be known already. */
  readonly aliases: readonly string[];
  /** Paths of inputs whose change is not applied. */
  readonly ignoreChanges: readonly string[];
  /** Paths of inputs whose change needs a new resource, besides what the provider says. */
  readonly replaceOnChanges: readonly string[];
  readonly retainOnDelete: boolean;
  /** Of a replacement: the old one goes first. Absent: as its provider does it. */
  readonly deleteBeforeReplace?: boolean;
  /** Names of the hooks before and after its update. Absent: none. */
  readonly hooks?: readonly string[];
}

/** A file as a host's script puts it there. */
export interface EmittedFile {
  /** Owner, group and mode, in one. */
  readonly access: string;
  /** Fingerprint of the whole content, secrets included. */
  readonly sum: string;
  /** What its change causes: "reload:haproxy.service", "restart:...", "turn:...", "step:...", "daemon-reload". */
  readonly markers: readonly string[];
}

/** What one host's script does, read back from the script itself. */
export interface EmittedHost {
  readonly files: Readonly<Record<string, EmittedFile>>;
  readonly units: Readonly<
    Record<string, { readonly enabled: boolean; readonly state: "running" | "stopped" | "onDemand" }>
  >;
}

/** An estate as a program registers it, in plain JSON. */
export interface EmittedEstate {
  readonly format: typeof FORMAT;
  readonly stack: string;
  readonly resources: readonly EmittedOne[];
  /** Output of the Platform component. */
  readonly declaration: unknown;
  readonly hosts: Readonly<Record<string, EmittedHost>>;
}

/** Environment variable: the key of the fingerprints, so that two runs for one comparison have the same. Default: a random one. */
export const FINGERPRINT_KEY = "KEYBUZZ_FINGERPRINT_KEY";

/** Begins each text that stands for a secret. */
export const SECRET = "[secret]";

export const isSecret = (value: unknown): boolean => typeof value === "string" && value.startsWith(SECRET);

/** What cannot be compared, in one sentence. */
export class NotComparableError extends Error {
  override readonly name = "NotComparableError";
}

/** @throws NotComparableError where it is not of this format */
export function readEmitted(json: string, of: string): EmittedEstate {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new NotComparableError(`${of} says nothing that can be read: ${(error as Error).message}`);
  }
  const format = at(value, "format");
  if (format !== FORMAT)
    throw new NotComparableError(
      `${of} writes its graph in format ${String(format)}, this program reads ${FORMAT}: compare with a commit that is closer`,
    );
  if (text(at(value, "stack")) === undefined || list(at(value, "resources")).length === 0)
    throw new NotComparableError(`${of} registers nothing`);
  return value as EmittedEstate;
}

/** As the verifier reads it. */
export function toGraph({ resources, declaration }: EmittedEstate): EmittedGraph {
  return {
    resources: resources.map(({ urn, type, name, id, inputs, propertyDependencies, dependencies }) => {
      const shown = fields(masked(inputs));
      return {
        urn,
        type,
        name,
        id,
        inputs: type === DECLARING_TYPE ? { ...shown, declaration } : shown,
        propertyDependencies,
        ...(dependencies === undefined ? {} : { dependencies }),
      };
    }),
  };
}

/** Without the fingerprints of secrets. */
const masked = (value: unknown): unknown => replaced(value, (one) => (isSecret(one) ? SECRET : undefined));

/** The same value, with other parts in it. @param by what stands for a part; undefined: itself, and its own parts are asked. */
export function replaced(value: unknown, by: (part: unknown) => unknown): unknown {
  const other = by(value);
  if (other !== undefined) return other;
  if (Array.isArray(value)) return value.map((one) => replaced(one, by));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, replaced(entry, by)]));
}

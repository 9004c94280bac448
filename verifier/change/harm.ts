/** What a change must not do to people while it is carried out. */
export type HarmKind =
  /** A cluster is without its majority, or nobody serves. */
  | "majority"
  /** A declared flow is closed while somebody uses it, or used before it is open. */
  | "way"
  /** A public route is served by nobody. */
  | "route"
  /** The machines cannot be reached any more. */
  | "door"
  /** One version cannot follow the other. */
  | "version"
  /** Nothing happens where something was meant, or the provider refuses it half-way. */
  | "effect"
  /** Data or a key is lost. */
  | "loss"
  /** Longer away than the environment allows. */
  | "budget";

/** One thing that a change does to people, in words that say what to do in its place. */
export interface Harm {
  readonly kind: HarmKind;
  /** Who or what suffers. */
  readonly subject: string;
  readonly why: string;
  /** How to get there safely. */
  readonly way: string;
  /** Consent to any of these (of a majority: to all), or to the stack, lets it happen. Empty: nobody can consent. */
  readonly names: readonly string[];
}

/** Has somebody said, by name and for this run, that it may happen? */
export function isConsented({ kind, names }: Harm, stack: string, consent: readonly string[]): boolean {
  if (names.length === 0) return false;
  if (consent.includes(stack)) return true;
  const given = (name: string): boolean => consent.includes(name);
  return kind === "majority" ? names.every(given) : names.some(given);
}

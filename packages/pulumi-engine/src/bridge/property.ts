import type { Properties, Value } from "../provider";
import { UNKNOWN } from "../provider";
import type { PropertyTable, Shape } from "./table";

/** What a provider's schema does not say of a property, and its source does. */
export interface Rule {
  /** A list whose order means nothing. */
  readonly set?: boolean;
  /** For what is nested, and for types of the newer kind: their schemas do not say it. */
  readonly computed?: boolean;
  readonly replace?: boolean;
  readonly default?: Value;
  /**
   * Newer kind: decided by the provider and not known until an update has ended, whatever the update is about.
   * It counts as changed then.
   */
  readonly unsettled?: boolean;
  readonly oneOf?: readonly string[];
  /** Smallest and largest value of an integer. */
  readonly between?: readonly [number, number];
  /** How the state keeps what the inputs say: a hash of it, say. Default: as it is. */
  readonly kept?: (value: string) => string;
  /** True when two texts say the same. Default: they are equal. */
  readonly same?: (before: string, after: string) => boolean;
}

/** By path without indices: "networks.ip". */
export type Rules = Readonly<Record<string, Rule>>;

/** Schema and source together. */
export interface Property extends Omit<Rule, "set"> {
  readonly shape: PropertyShape;
  readonly output: boolean;
  readonly required: boolean;
  readonly computed: boolean;
  readonly autonamed: boolean;
  readonly replace: boolean;
  readonly secret: boolean;
}

export type PropertyShape =
  | Exclude<Shape, object>
  | { readonly map: PropertyShape }
  | { readonly list: PropertyShape; readonly isSet: boolean }
  | { readonly object: Table };

export type Table = Readonly<Record<string, Property>>;

/** @throws Error for a rule about a property that the schema does not have: the table is of another version then. */
export function tableOf(published: PropertyTable, rules: Rules, prefix = ""): Table {
  const known = new Set(Object.keys(published).map((key) => `${prefix}${key}`));
  const parentOf = (path: string): string => path.slice(0, path.lastIndexOf(".") + 1);
  const stray = Object.keys(rules).filter((path) => parentOf(path) === prefix && !known.has(path));
  if (stray.length > 0) throw new Error(`rules for properties that the schema does not have: ${stray.join(", ")}`);
  return Object.fromEntries(
    Object.entries(published).map(([key, { type, ...flags }]) => {
      const path = `${prefix}${key}`;
      const { set = false, ...rule } = rules[path] ?? {};
      return [key, { ...NOTHING_SO, ...flags, ...rule, shape: shapeOf(type, set, rules, path) }];
    }),
  );
}

const NOTHING_SO = {
  output: false,
  required: false,
  computed: false,
  autonamed: false,
  replace: false,
  secret: false,
};

function shapeOf(type: Shape, isSet: boolean, rules: Rules, path: string): PropertyShape {
  if (typeof type === "string") return type;
  if ("map" in type) return { map: shapeOf(type.map, false, rules, path) };
  if ("list" in type) return { list: shapeOf(type.list, false, rules, path), isSet };
  return { object: tableOf(type.object, rules, `${path}.`) };
}

export const isAbsent = (value: Value | undefined): value is null | undefined => value === undefined || value === null;

export const isMap = (value: Value | undefined): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function hasUnknown(value: Value | undefined): boolean {
  return (
    value === UNKNOWN ||
    (typeof value === "object" && value !== null && Object.values(value).some((one: Value) => hasUnknown(one)))
  );
}

/** What Terraform's older SDK cannot tell from absent: "", 0, false, and empty lists and maps. */
export function isZero(value: Value | undefined): boolean {
  if (isAbsent(value) || value === "" || value === 0 || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

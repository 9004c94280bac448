import { UNKNOWN } from "./provider";
import type { Properties, Value } from "./provider";

/** A value that must never be shown or stored in plain form. Secrets do not nest: the outermost wins. */
export class Secret {
  constructor(readonly value: EngineValue) {}
}

/** What the engine keeps of a property: plain JSON, UNKNOWN (previews only), or a Secret at any depth. */
export type EngineValue =
  | null
  | boolean
  | number
  | string
  | typeof UNKNOWN
  | Secret
  | readonly EngineValue[]
  | { readonly [key: string]: EngineValue };

/** The properties of one resource. */
export type PropertyMap = { readonly [key: string]: EngineValue };

/** Stand-ins for what cannot be shown. */
export const MASK = "[secret]";
export const UNKNOWN_TEXT = "[unknown]";

/** True for a map: not null, not an array, not a secret. */
export function isMap(value: EngineValue | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

/** True for an array (Array.isArray does not narrow readonly arrays). */
export function isList(value: EngineValue | undefined): value is readonly EngineValue[] {
  return Array.isArray(value);
}

/** Wraps once: secret(secret(x)) is secret(x). */
export function secret(value: EngineValue): Secret {
  return value instanceof Secret ? value : new Secret(value);
}

/** The value under a possible secret marker. */
export function unwrap(value: EngineValue): EngineValue {
  return value instanceof Secret ? unwrap(value.value) : value;
}

function mapDeep(value: EngineValue, leaf: (v: EngineValue) => EngineValue | undefined): EngineValue {
  const replaced = leaf(value);
  if (replaced !== undefined) return replaced;
  if (isList(value)) return value.map((v) => mapDeep(v, leaf));
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, mapDeep(v, leaf)]));
  return value;
}

/** Without any secret marker, as providers receive it. */
export function toPlain(value: EngineValue): Value {
  return mapDeep(value, (v) => (v instanceof Secret ? toPlain(v.value) : undefined)) as Value;
}

/** toPlain of a whole property map. */
export function toPlainMap(map: PropertyMap): Properties {
  return Object.fromEntries(Object.entries(map).map(([k, v]) => [k, toPlain(v)]));
}

/** What may be shown: secrets and unknowns replaced by their stand-ins. */
export function toMasked(value: EngineValue): unknown {
  return mapDeep(value, (v) => (v instanceof Secret ? MASK : v === UNKNOWN ? UNKNOWN_TEXT : undefined));
}

/** toMasked of a whole property map. */
export function toMaskedMap(map: PropertyMap): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).map(([k, v]) => [k, toMasked(v)]));
}

/** True when any part of the value satisfies the test. */
export function some(value: EngineValue, test: (v: EngineValue) => boolean): boolean {
  if (test(value)) return true;
  if (value instanceof Secret) return some(value.value, test);
  if (isList(value)) return value.some((v) => some(v, test));
  if (isMap(value)) return Object.values(value).some((v) => some(v, test));
  return false;
}

/** True when the value is or holds UNKNOWN. */
export function hasUnknown(value: EngineValue): boolean {
  return some(value, (v) => v === UNKNOWN);
}

/** True when the value is or holds a secret. */
export function hasSecret(value: EngineValue): boolean {
  return some(value, (v) => v instanceof Secret);
}

/** Deep equality. Secret markers count unless `ignoreSecrets`; UNKNOWN equals only itself. */
export function equal(a: EngineValue | undefined, b: EngineValue | undefined, ignoreSecrets = false): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (ignoreSecrets) {
    a = unwrap(a);
    b = unwrap(b);
  }
  if (Object.is(a, b)) return true;
  if (a instanceof Secret || b instanceof Secret) {
    return a instanceof Secret && b instanceof Secret && equal(a.value, b.value, ignoreSecrets);
  }
  if (isList(a)) {
    const other = b;
    return isList(other) && a.length === other.length && a.every((v, i) => equal(v, other[i], ignoreSecrets));
  }
  if (isMap(a) && isMap(b)) {
    const keys = Object.keys(a);
    const other = b;
    const map = a;
    return (
      keys.length === Object.keys(b).length &&
      keys.every((k) => Object.hasOwn(other, k) && equal(map[k], other[k], ignoreSecrets))
    );
  }
  return false;
}

/** True when `value` has everything that is not secret in `model`, at the same place. */
function fits(value: EngineValue | undefined, model: EngineValue): boolean {
  if (model instanceof Secret) return value !== undefined;
  if (isList(model)) {
    const list = value;
    return isList(list) && list.length === model.length && model.every((m, i) => fits(list[i], m));
  }
  if (isMap(model)) {
    const map = value;
    return isMap(map) && Object.entries(model).every(([key, m]) => fits(map[key], m));
  }
  return equal(value, model);
}

function mark(value: EngineValue, model: EngineValue | undefined): EngineValue {
  if (model === undefined || value instanceof Secret) return value;
  if (model instanceof Secret) return secret(value);
  if (isMap(value) && isMap(model)) return markLike(value, model);
  if (!isList(model) || !hasSecret(model)) return value;
  // Elements may have moved; where that cannot be ruled out the whole list is secret, as in Pulumi's engine.
  return isList(value) && fits(value, model) ? value.map((v, i) => mark(v, model[i])) : secret(toPlain(value));
}

/** Marks in `values` what is secret in `like`, where both have the same key. */
export function markLike(values: PropertyMap, like: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, mark(value, Object.hasOwn(like, key) ? like[key] : undefined)]),
  );
}

/** Marks the named top-level properties secret. */
export function markNames(values: PropertyMap, names: Iterable<string>): PropertyMap {
  const wanted = new Set(names);
  return Object.fromEntries(Object.entries(values).map(([k, v]) => [k, wanted.has(k) ? secret(toPlain(v)) : v]));
}

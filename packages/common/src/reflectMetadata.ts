/**
 * @peculiar/x509 (through tsyringe) refuses to load without the Reflect metadata functions, whichever
 * polyfill they come from. Import this before it. Does nothing where a polyfill is already in place.
 */
interface MetadataFunctions {
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  getMetadata?: (key: unknown, target: object) => unknown;
}

const kept = new WeakMap<object, Map<unknown, unknown>>();
const own = (key: unknown, target: object): unknown => kept.get(target)?.get(key);

function inherited(key: unknown, target: object): unknown {
  for (let current: object | null = target; current !== null; current = Object.getPrototypeOf(current) as object | null)
    if (kept.get(current)?.has(key) === true) return own(key, current);
  return undefined;
}

const reflect = Reflect as MetadataFunctions;
if (reflect.getMetadata === undefined) {
  reflect.defineMetadata = (key, value, target) => {
    const values = kept.get(target) ?? new Map<unknown, unknown>();
    kept.set(target, values.set(key, value));
  };
  reflect.getOwnMetadata = own;
  reflect.getMetadata = inherited;
}

import { MistakesError, type Mistake } from "../components/mistakes";
import { pathText, type Path } from "./schemaWords";

/**
 * A value with mistakes in it, to be read as far as it is sound: whoever reads a mistaken place is stopped by a
 * MistakesError with what is wrong there, and whoever does not need it notices nothing.
 *
 * @param mistaken the mistakes, by the text of their path
 */
export function soundOnly<T extends object>(value: T, mistaken: ReadonlyMap<string, Mistake>): T {
  return guarded(value, [], mistaken) as T;
}

function guarded(value: unknown, path: Path, mistaken: ReadonlyMap<string, Mistake>): unknown {
  const here = pathText(path);
  const mistake = mistaken.get(here);
  if (mistake !== undefined) throw new MistakesError("the environment", [mistake]);
  if (typeof value !== "object" || value === null || !holdsOne(here, mistaken)) return value;
  return new Proxy(value, {
    get: (target, key): unknown => {
      const inner: unknown = Reflect.get(target, key);
      if (typeof key === "symbol" || typeof inner === "function") return inner;
      return guarded(inner, [...path, Array.isArray(target) && /^\d+$/.test(key) ? Number(key) : key], mistaken);
    },
  });
}

function holdsOne(path: string, mistaken: ReadonlyMap<string, Mistake>): boolean {
  return [...mistaken.keys()].some(
    (other) => path === "" || other.startsWith(`${path}.`) || other.startsWith(`${path}[`),
  );
}

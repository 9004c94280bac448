import { createRequire } from "node:module";

/**
 * From now on, `require` of a module gives a stand-in that loads the real one when it is first used. For modules
 * that the SDK loads at every start and that few programs use. A module that is loaded already stays as it is.
 *
 * @param request as `require` takes it
 * @param from the file that requires it
 */
export function loadLazily(request: string, from: string): void {
  const requireFrom = createRequire(from);
  const filename = requireFrom.resolve(request);
  if (require.cache[filename] !== undefined) return;
  let loaded: object | undefined;
  const load = (): object => {
    if (loaded === undefined) {
      Reflect.deleteProperty(require.cache, filename);
      loaded = requireFrom(filename) as object;
    }
    return loaded;
  };
  const exports = new Proxy(
    // A function, so that a module that is one can be called, too.
    function standIn() {},
    {
      get: (_, key) => {
        // Compiled imports ask this first: a module of the newer kind is taken as it is, not copied.
        if (key === "__esModule") return true;
        const real = load();
        const value: unknown = Reflect.get(real, key);
        return value === undefined && key === "default" ? real : value;
      },
      has: (_, key) => Reflect.has(load(), key),
      set: (_, key, value) => Reflect.set(load(), key, value),
      apply: (_, self, args) => Reflect.apply(load() as () => unknown, self, args) as unknown,
      construct: (_, args) => Reflect.construct(load() as new () => object, args) as object,
    },
  );
  require.cache[filename] = Object.assign(Object.create(module) as NodeModule, {
    id: filename,
    filename,
    loaded: true,
    exports,
  });
}

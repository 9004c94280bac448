/**
 * Validates objects against the Kubernetes schemas of kubernetes-models, in a thread of its own: the
 * package is ESM only, and this way it loads the same under tsx, under jest and from plain Node.
 * Node runs this file itself (type stripping), so it imports nothing of ours.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort } from "node:worker_threads";

interface Request {
  readonly id: number;
  readonly model: string;
  readonly object: unknown;
}
interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Record<string, unknown>;
}
interface Validate {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

const models = dirname(createRequire(import.meta.url).resolve("kubernetes-models/package.json"));
const loaded = new Map<string, Promise<Validate>>();

function load(model: string): Promise<Validate> {
  const known = loaded.get(model);
  if (known !== undefined) return known;
  const loading = import(pathToFileURL(join(models, "_schemas", `${model}.js`)).href).then(
    (found: { validate: Validate }) => found.validate,
  );
  loaded.set(model, loading);
  return loading;
}

/** What the validator looked at in one object: a field that the schema does not know is never looked at. */
interface Watched {
  readonly source: object;
  readonly path: string;
  readonly seen: Set<string>;
  everyKey: boolean;
}

/**
 * The generated validators ignore unknown fields. They read every field they know (also absent ones) by
 * name and enumerate maps, so a recording proxy tells known from unknown without a second schema.
 */
function watch(source: object, path: string, all: Watched[], made: Map<object, object>): object {
  const before = made.get(source);
  if (before !== undefined) return before;
  const record: Watched = { source, path, seen: new Set(), everyKey: false };
  all.push(record);
  const proxy = new Proxy(source, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver);
      if (typeof key !== "string") return value;
      record.seen.add(key);
      if (value === null || typeof value !== "object") return value;
      return watch(value, Array.isArray(target) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`, all, made);
    },
    ownKeys(target) {
      record.everyKey = true;
      return Reflect.ownKeys(target);
    },
  });
  made.set(source, proxy);
  return proxy;
}

function unknownFields(watched: readonly Watched[]): string[] {
  const unknown: string[] = [];
  for (const { source, path, seen, everyKey } of watched) {
    // Nothing read at all: the schema leaves this object free (e.g. a CRD's default values).
    if (Array.isArray(source) || everyKey || seen.size === 0) continue;
    for (const key of Object.keys(source)) if (!seen.has(key)) unknown.push(path === "" ? key : `${path}.${key}`);
  }
  return unknown;
}

async function validate({ id, model, object }: Request): Promise<void> {
  try {
    const check = await load(model);
    const watched: Watched[] = [];
    check(watch(object as object, "", watched, new Map()));
    const errors = (check.errors ?? []).map(({ instancePath, keyword, params }) => ({ instancePath, keyword, params }));
    parentPort?.postMessage({ id, errors, unknown: unknownFields(watched) });
  } catch (error) {
    parentPort?.postMessage({ id, failure: `schema ${model}: ${String(error)}` });
  }
}

parentPort?.on("message", (request: Request) => void validate(request));

import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isObject, textAt, type JsonObject } from "./wire/json";
import type { ResourceType } from "./wire/resourceType";

export interface ObjectRef {
  readonly group: string;
  readonly plural: string;
  /** "" for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

const keyOf = ({ group, plural, namespace, name }: ObjectRef): string => [group, plural, namespace, name].join("|");

export const refOf = (type: ResourceType, namespace: string, name: string): ObjectRef => ({
  group: type.group,
  plural: type.plural,
  namespace: type.namespaced ? namespace : "",
  name,
});

/**
 * All objects and settings, in one SQLite file: every write is committed when the call returns, so a kill -9
 * loses nothing that was answered. Reads come from memory; callers must not change what they are given.
 * The file holds private keys and Secrets, and is readable by its owner only.
 */
export class Store {
  private readonly database: DatabaseSync;
  private readonly objects = new Map<string, { readonly ref: ObjectRef; readonly body: JsonObject }>();
  private version: number;

  /**
   * @param stateFile path of the SQLite file (made when absent), or ":memory:".
   * @throws when another process holds it, or it is no such file.
   */
  constructor(stateFile: string) {
    if (stateFile !== ":memory:") mkdirSync(dirname(stateFile), { recursive: true });
    this.database = new DatabaseSync(stateFile);
    if (stateFile !== ":memory:") chmodSync(stateFile, 0o600);
    try {
      // One process only: reads come from memory. The lock ends with the process, however it ends.
      this.database.exec(`
        PRAGMA busy_timeout = 1000; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS objects (key TEXT PRIMARY KEY, ref TEXT NOT NULL, body TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
        BEGIN IMMEDIATE; COMMIT;`);
    } catch (error) {
      this.database.close();
      const message = error instanceof Error ? error.message : String(error);
      const what = /locked|busy/i.test(message)
        ? "is in use by another process: end that one first"
        : `cannot be used (${message}): remove the file to start anew`;
      throw new Error(`Kubernetes state: ${stateFile} ${what}`, { cause: error });
    }
    for (const row of this.database.prepare("SELECT ref, body FROM objects").all()) {
      const ref = JSON.parse(String(row.ref)) as ObjectRef;
      this.objects.set(keyOf(ref), { ref, body: JSON.parse(String(row.body)) as JsonObject });
    }
    this.version = Number(this.setting("resourceVersion") ?? "1");
  }

  get(ref: ObjectRef): JsonObject | undefined {
    return this.objects.get(keyOf(ref))?.body;
  }

  /** In order of namespace and name. Without a namespace: those of all namespaces. */
  list(group: string, plural: string, namespace?: string): JsonObject[] {
    return [...this.objects.values()]
      .filter(({ ref }) => ref.group === group && ref.plural === plural)
      .filter(({ ref }) => namespace === undefined || ref.namespace === namespace)
      .sort((a, b) => (keyOf(a.ref) < keyOf(b.ref) ? -1 : 1))
      .map(({ body }) => body);
  }

  /** References of everything in a namespace. */
  inNamespace(namespace: string): ObjectRef[] {
    return [...this.objects.values()].map(({ ref }) => ref).filter((ref) => ref.namespace === namespace);
  }

  all(): readonly { readonly ref: ObjectRef; readonly body: JsonObject }[] {
    return [...this.objects.values()];
  }

  /** Writes the object with a new resourceVersion and returns what was stored. */
  put(ref: ObjectRef, body: JsonObject): JsonObject {
    this.version++;
    const metadata = isObject(body.metadata) ? body.metadata : {};
    const stored: JsonObject = { ...body, metadata: { ...metadata, resourceVersion: String(this.version) } };
    this.transaction(() => {
      const put = this.database.prepare("INSERT OR REPLACE INTO objects (key, ref, body) VALUES (?, ?, ?)");
      put.run(keyOf(ref), JSON.stringify(ref), JSON.stringify(stored));
      this.setSetting("resourceVersion", String(this.version));
    });
    this.objects.set(keyOf(ref), { ref, body: stored });
    return stored;
  }

  remove(ref: ObjectRef): void {
    this.version++;
    this.transaction(() => {
      this.database.prepare("DELETE FROM objects WHERE key = ?").run(keyOf(ref));
      this.setSetting("resourceVersion", String(this.version));
    });
    this.objects.delete(keyOf(ref));
  }

  /** The newest resourceVersion handed out. */
  get resourceVersion(): string {
    return String(this.version);
  }

  setting(name: string): string | undefined {
    return textAt(this.database.prepare("SELECT value FROM settings WHERE name = ?").get(name) as JsonObject, "value");
  }

  setSetting(name: string, value: string): void {
    this.database.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)").run(name, value);
  }

  close(): void {
    this.database.close();
  }

  private transaction(work: () => void): void {
    this.database.exec("BEGIN");
    try {
      work();
      this.database.exec("COMMIT");
    } catch (error) {
      this.database.exec("ROLLBACK");
      throw error;
    }
  }
}

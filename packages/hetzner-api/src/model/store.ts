import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Kind, Rows } from "./rows";

const FIRST_ID = 10_000_001;

/**
 * The cloud's memory: maps in RAM, written through to SQLite. A request is one transaction, committed before
 * its answer leaves, so a kill -9 at any moment loses nothing that a client was told (WAL, which the kernel
 * keeps for a killed process; a power cut may lose the last moments, never the consistency).
 */
export class Store {
  private readonly database: DatabaseSync;
  private readonly upsert: StatementSync;
  private readonly erase: StatementSync;
  private readonly setMeta: StatementSync;
  private readonly rows = new Map<string, Map<number, Rows[Kind]>>();
  private undo: (() => void)[] | undefined;
  private counter = FIRST_ID;

  /**
   * @param file SQLite file, created with its folder when missing.
   * @throws Error when another process holds it, or it is no database.
   */
  constructor(private readonly file: string) {
    mkdirSync(dirname(file), { recursive: true });
    try {
      this.database = new DatabaseSync(file);
      // Exclusive: two local clouds over one file would each answer from their own memory.
      this.database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
      this.database.exec(
        "CREATE TABLE IF NOT EXISTS row (kind TEXT, id INTEGER, json TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;" +
          "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;" +
          "BEGIN IMMEDIATE; COMMIT",
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const hint = reason.includes("locked")
        ? "another local cloud is using it: stop that one, or give this one a state file of its own"
        : "it is no state file of the local cloud: remove it, or give another path";
      throw new Error(`local cloud: cannot open ${file} (${reason}); ${hint}`, { cause: error });
    }
    this.upsert = this.database.prepare("INSERT OR REPLACE INTO row VALUES (?, ?, ?)");
    this.erase = this.database.prepare("DELETE FROM row WHERE kind = ? AND id = ?");
    this.setMeta = this.database.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)");
    for (const row of this.database.prepare("SELECT kind, id, json FROM row").iterate()) {
      this.table(String(row["kind"]) as Kind).set(Number(row["id"]), JSON.parse(String(row["json"])) as Rows[Kind]);
    }
    this.counter = Number(this.meta("counter") ?? FIRST_ID);
  }

  get<K extends Kind>(kind: K, id: number): Rows[K] | undefined {
    return this.table(kind).get(id);
  }

  /** In ascending order of id. */
  list<K extends Kind>(kind: K): Rows[K][] {
    return [...this.table(kind).values()].sort((a, b) => a.id - b.id);
  }

  put<K extends Kind>(kind: K, row: Rows[K]): Rows[K] {
    const table = this.table(kind);
    const before = table.get(row.id);
    this.log().push(() => (before === undefined ? table.delete(row.id) : table.set(row.id, before)));
    table.set(row.id, row);
    this.upsert.run(kind, row.id, JSON.stringify(row));
    return row;
  }

  remove(kind: Kind, id: number): void {
    const table = this.table(kind);
    const before = table.get(id);
    if (before === undefined) return;
    this.log().push(() => table.set(id, before));
    table.delete(id);
    this.erase.run(kind, id);
  }

  /** One sequence for every kind, so that an id used for the wrong kind is found out. */
  nextId(): number {
    const before = this.counter;
    this.log().push(() => (this.counter = before));
    this.counter += 1;
    this.setMeta.run("counter", String(this.counter));
    return before;
  }

  meta(key: string): string | undefined {
    const row = this.database.prepare("SELECT value FROM meta WHERE key = ?").get(key);
    return row === undefined ? undefined : String(row["value"]);
  }

  putMeta(key: string, value: string): void {
    this.setMeta.run(key, value);
  }

  /** All of `work` or, when it throws, nothing of it. Synchronous: transactions never interleave. */
  transaction<T>(work: () => T): T {
    if (this.undo !== undefined) return work();
    this.undo = [];
    this.database.exec("BEGIN");
    try {
      const result = work();
      this.database.exec("COMMIT");
      return result;
    } catch (error) {
      for (const step of this.undo.reverse()) step();
      this.database.exec("ROLLBACK");
      throw error;
    } finally {
      this.undo = undefined;
    }
  }

  close(): void {
    this.database.close();
  }

  private table<K extends Kind>(kind: K): Map<number, Rows[K]> {
    let table = this.rows.get(kind);
    if (table === undefined) this.rows.set(kind, (table = new Map<number, Rows[Kind]>()));
    return table as Map<number, Rows[K]>;
  }

  private log(): (() => void)[] {
    if (this.undo === undefined) throw new Error(`local cloud: a change of ${this.file} outside a transaction`);
    return this.undo;
  }
}

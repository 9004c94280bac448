import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { EngineError } from "./errors";
import { StateCipher } from "./secrets";
import type { Entry, Pending, StateHeader, StateOperation } from "./stateFormat";
import { decodeValue, encodeLine, encodeValue, parseState, stateHeader } from "./stateFormat";
import type { EngineValue } from "./values";
import { equal } from "./values";

/** Where and whose the state is. */
export interface StateOptions {
  readonly file: string;
  readonly project: string;
  readonly stack: string;
  readonly passphrase: string;
  /** A preview: changes stay in memory, the file is not even created. */
  readonly readOnly: boolean;
}

interface Waiter {
  readonly line: string;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * The resources of a stack, in memory and in a file. The file is a journal of checksummed lines: each commit is
 * one line, on disk (fdatasync) before `commit` resolves; lines of steps that end together share one sync.
 * Opening and closing rewrite it in short form through a temporary file and a rename.
 */
export class State {
  private readonly byKey = new Map<string, Entry>();
  private readonly pendingById = new Map<string, Pending>();
  private handle: FileHandle | undefined;
  /** Bytes of the file that are whole lines. */
  private length = 0;
  private queue: Waiter[] = [];
  private flushing: Promise<void> | undefined;
  private counter = 0;

  private constructor(
    private readonly options: StateOptions,
    private readonly cipher: StateCipher,
    private readonly header: StateHeader,
  ) {}

  /** @throws EngineError when the file is damaged, newer, another stack's, or the passphrase is wrong. */
  static async open(options: StateOptions): Promise<State> {
    const { file, project, stack, passphrase } = options;
    if (!existsSync(file)) {
      const cipher = StateCipher.create(passphrase);
      const state = new State(options, cipher, stateHeader(project, stack, cipher.salt, cipher.check()));
      if (!options.readOnly) await state.rewrite();
      return state;
    }
    const raw = parseState(readFileSync(file, "utf8"), file);
    if (raw.header.project !== project || raw.header.stack !== stack) {
      throw new EngineError(
        "state-foreign",
        `${file}: this is the state of ${raw.header.project}/${raw.header.stack}, not of ${project}/${stack}; nothing was changed. Name the right file.`,
      );
    }
    const cipher = StateCipher.open(passphrase, raw.header.salt, raw.header.check, file);
    const state = new State(options, cipher, raw.header);
    for (const operations of raw.transactions) {
      for (const operation of operations)
        state.apply(decodeValue(operation, (t) => cipher.decrypt(t)) as unknown as StateOperation);
    }
    if (!options.readOnly) await state.rewrite();
    return state;
  }

  /** All entries, in the order they were first put. */
  entries(): Entry[] {
    return [...this.byKey.values()];
  }

  pendings(): Pending[] {
    return [...this.pendingById.values()];
  }

  get(key: string): Entry | undefined {
    return this.byKey.get(key);
  }

  /** A key for the entry that gives way to a replacement. */
  condemnedKey(urn: string): string {
    let n = 1;
    while (this.byKey.has(`${urn}#${n}`)) n++;
    return `${urn}#${n}`;
  }

  nextPendingId(): string {
    let id: string;
    do id = String(++this.counter);
    while (this.pendingById.has(id));
    return id;
  }

  private apply(operation: StateOperation): void {
    switch (operation.op) {
      case "put":
        this.byKey.set(operation.entry.key, operation.entry);
        break;
      case "drop":
        this.byKey.delete(operation.key);
        break;
      case "begin":
        this.pendingById.set(operation.pending.id, operation.pending);
        break;
      case "settle":
        this.pendingById.delete(operation.id);
        break;
    }
  }

  private encode(operations: readonly StateOperation[]): string {
    return encodeLine(operations.map((o) => encodeValue(o as unknown as EngineValue, (t) => this.cipher.encrypt(t))));
  }

  /** Applies the operations together; resolves when they are on disk. Entries that do not differ cost nothing. */
  async commit(...operations: StateOperation[]): Promise<void> {
    const effective = operations.filter(
      (o) =>
        o.op !== "put" ||
        !equal(o.entry as unknown as EngineValue, this.byKey.get(o.entry.key) as unknown as EngineValue | undefined),
    );
    if (effective.length === 0) return;
    // Encoded first: what cannot be stored must not be in memory either.
    const line = this.options.readOnly ? "" : this.encode(effective);
    for (const operation of effective) this.apply(operation);
    if (this.options.readOnly) return;
    await new Promise<void>((resolve, reject) => {
      this.queue.push({ line, resolve, reject });
      this.flushing ??= this.flush().finally(() => (this.flushing = undefined));
    });
  }

  private async flush(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue;
      this.queue = [];
      try {
        if (this.handle === undefined) throw new Error(`${this.options.file}: the state is closed`);
        const text = batch.map((w) => w.line).join("");
        await this.handle.appendFile(text);
        await this.handle.datasync();
        this.length += Buffer.byteLength(text);
        for (const waiter of batch) waiter.resolve();
      } catch (error) {
        // On a full disk half a line may be there: what comes later must not stand behind it.
        await this.handle?.truncate(this.length).catch(() => undefined);
        for (const waiter of batch) waiter.reject(error);
      }
    }
  }

  /** Moves a resource to its new URN, wherever it is mentioned. */
  async rename(from: string, to: string): Promise<void> {
    const swap = (urn: string): string => (urn === from ? to : urn);
    const operations: StateOperation[] = [];
    for (const entry of this.byKey.values()) {
      const changed: Entry = {
        ...entry,
        key: swap(entry.key),
        urn: swap(entry.urn),
        parent: swap(entry.parent),
        provider: swap(entry.provider),
        deletedWith: swap(entry.deletedWith),
        dependencies: entry.dependencies.map(swap),
        propertyDependencies: Object.fromEntries(
          Object.entries(entry.propertyDependencies).map(([k, urns]) => [k, urns.map(swap)]),
        ),
      };
      if (changed.key !== entry.key) operations.push({ op: "drop", key: entry.key });
      operations.push({ op: "put", entry: changed });
    }
    await this.commit(...operations);
  }

  private async rewrite(): Promise<void> {
    const { file } = this.options;
    await this.handle?.close();
    this.handle = undefined;
    mkdirSync(dirname(file), { recursive: true });
    const operations: StateOperation[] = [
      ...this.entries().map((entry): StateOperation => ({ op: "put", entry })),
      ...this.pendings().map((pending): StateOperation => ({ op: "begin", pending })),
    ];
    const temporary = `${file}.tmp`;
    const fd = openSync(temporary, "w", 0o600);
    try {
      writeFileSync(fd, encodeLine(this.header) + operations.map((o) => this.encode([o])).join(""));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
    const directory = openSync(dirname(file), "r");
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
    this.handle = await open(file, "a", 0o600);
    this.length = (await this.handle.stat()).size;
  }

  /** Waits for what is being written and puts the file into its short form. */
  async close(): Promise<void> {
    await this.flushing;
    if (this.options.readOnly || this.handle === undefined) return;
    try {
      await this.rewrite();
    } catch {
      // No room for the short form: the long one is whole.
      rmSync(`${this.options.file}.tmp`, { force: true, recursive: true });
    }
    await (this.handle as FileHandle | undefined)?.close();
    this.handle = undefined;
  }
}

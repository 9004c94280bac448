import { conflict, locked } from "../http/apiError";
import type { ActionRow, Kind, ResourceRef, Task } from "./rows";
import type { Store } from "./store";

/** Does a task's work outside the store, then hands back the change to make in the action's final transaction. */
export type TaskRunner = (task: Task) => Promise<() => void>;

export interface ActionStart {
  readonly command: string;
  readonly resources: readonly ResourceRef[];
  /** Resources that refuse other actions meanwhile. Default none. */
  readonly locks?: readonly ResourceRef[];
  readonly task?: Task;
  /** Waits for this action first. */
  readonly after?: ActionRow;
  /** How it will end, whatever it does. Default: by what it does. */
  readonly fails?: NonNullable<ActionRow["error"]>;
}

/** An action that fails as the real one does: with a code of its own, and what it leaves behind. */
export class ActionFailed extends Error {
  /** @param leave the change to make in the action's final transaction. */
  constructor(
    readonly answer: { readonly code: string; readonly message: string },
    readonly leave: () => void,
  ) {
    super(answer.message);
    this.name = "ActionFailed";
  }
}

/** Finished actions kept over a restart. */
const KEPT = 500;

/** Things that take time. An action is a row from its first moment, so those under way at a kill go on at restart. */
export class Actions {
  private readonly timers = new Set<NodeJS.Timeout>();
  private closed = false;

  constructor(
    private readonly store: Store,
    private readonly runTask: TaskRunner,
    private readonly delayMs: number,
  ) {}

  /** Inside a transaction. The work begins once that is committed. */
  start(options: ActionStart): ActionRow {
    const row = this.store.put("action", {
      id: this.store.nextId(),
      command: options.command,
      status: "running",
      progress: 0,
      started: new Date().toISOString(),
      finished: null,
      resources: options.resources,
      error: null,
      locks: options.locks ?? [],
      task: options.task ?? null,
      after: options.after?.id ?? null,
      ...(options.fails === undefined ? {} : { fails: options.fails }),
    });
    if (row.after === null) this.schedule(row.id);
    return row;
  }

  /** Goes on with what an earlier process left, and forgets long finished ones. */
  resume(): void {
    const rows = this.store.list("action");
    const finished = rows.filter((row) => row.status !== "running");
    this.store.transaction(() => {
      for (const row of finished.slice(0, Math.max(0, finished.length - KEPT))) this.store.remove("action", row.id);
    });
    for (const row of rows) if (row.status === "running" && !this.isPending(row.after)) this.schedule(row.id);
  }

  isLocked(type: Kind, id: number): boolean {
    return this.store
      .list("action")
      .some((row) => row.status === "running" && row.locks.some((lock) => lock.type === type && lock.id === id));
  }

  /** @throws ApiError 423 locked */
  requireUnlocked(type: Kind, id: number): void {
    if (this.isLocked(type, id)) throw locked(`${type} ${id}`);
  }

  /** Networks answer 409 conflict, which clients retry, rather than 423. @throws ApiError */
  requireCalm(type: Kind, id: number): void {
    if (this.isLocked(type, id)) throw conflict(`${type} ${id}`);
  }

  close(): void {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
  }

  private isPending(id: number | null): boolean {
    return id !== null && this.store.get("action", id)?.status === "running";
  }

  private schedule(id: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.run(id);
    }, this.delayMs);
    this.timers.add(timer);
  }

  private async run(id: number): Promise<void> {
    const row = this.store.get("action", id);
    // Absent when the transaction that started it was rolled back; or another's, which has got its id.
    if (row?.status !== "running" || this.closed) return;
    try {
      const previous = row.after === null ? undefined : this.store.get("action", row.after);
      if (previous?.status === "error") throw new Error(`action ${previous.command} failed before it`);
      const finish = row.task === null ? () => undefined : await this.runTask(row.task);
      this.end(row, row.fails ?? null, finish);
    } catch (error) {
      if (error instanceof ActionFailed) return this.end(row, error.answer, error.leave);
      this.end(row, { code: "action_failed", message: error instanceof Error ? error.message : String(error) });
    }
  }

  private end(row: ActionRow, error: ActionRow["error"], finish?: () => void): void {
    // A closed cloud goes on with this action at its next start.
    if (this.closed) return;
    this.store.transaction(() => {
      finish?.();
      const status = error === null ? "success" : "error";
      this.store.put("action", { ...row, status, progress: 100, finished: new Date().toISOString(), error });
    });
    for (const next of this.store.list("action"))
      if (next.after === row.id && next.status === "running") this.schedule(next.id);
  }
}

/** As the API shows an action. */
export function renderAction(row: ActionRow): object {
  const { id, command, status, progress, started, finished, resources, error } = row;
  return { id, command, status, progress, started, finished, resources, error };
}

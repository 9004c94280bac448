import { setTimeout as sleep } from "node:timers/promises";

/** An error answer of the Hetzner API. */
export class HcloudError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "HcloudError";
  }
}

/** An action as the API reports it. */
export interface ApiAction {
  readonly id: number;
  readonly command: string;
  readonly status: "running" | "success" | "error";
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What every create or action answers beside the resource. */
export interface WithActions {
  readonly action?: ApiAction | null;
  readonly actions?: readonly ApiAction[];
  readonly next_actions?: readonly ApiAction[];
}

export interface ClientOptions {
  /** With /v1, without final slash. */
  readonly endpoint: string;
  readonly token: string;
  readonly pollIntervalMs: number;
}

/** What one call may take and how it can be stopped. */
export interface Scope {
  readonly signal: AbortSignal;
  /** Time.now() at which waiting ends. */
  readonly deadline: number;
  log(severity: "debug" | "info" | "warning", message: string): void;
}

// As hcloud-go does it: neither what is locked nor what is sold out is asked for again.
const PASSING = new Set(["conflict", "rate_limit_exceeded", "bad_gateway", "timeout"]);
const MAX_TRIES = 6;
const MAX_PAUSE_MS = 60_000;
const MAX_IDS_PER_POLL = 25;
const MAX_PER_PAGE = 50;
/** The connection was refused: the request has not been received, so it can be sent again. */
const REFUSED_TRIES = 4;

interface Pending {
  readonly done: (action: ApiAction) => void;
  readonly fail: (error: Error) => void;
}

/** Talks to the Hetzner API: retries what passes by itself, and polls actions, those of all resources together. */
export class HcloudClient {
  private readonly pending = new Map<number, Pending[]>();
  private polling = false;
  private closed = false;

  constructor(private readonly options: ClientOptions) {}

  /** @throws HcloudError once it is clear that repeating does not help. */
  async request<T>(scope: Scope, method: string, path: string, body?: object): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.send<T>(scope.signal, method, path, body);
      } catch (error) {
        const pause = this.pauseAfter(error, attempt);
        if (pause === undefined || Date.now() + pause > scope.deadline) throw error;
        scope.log("debug", `${method} ${path}: ${(error as Error).message}; again in ${Math.round(pause)} ms`);
        await sleep(pause, undefined, { signal: scope.signal });
      }
    }
  }

  /** Every page of a list. `path` may have a query. */
  async list<T>(scope: Scope, path: string, key: string): Promise<T[]> {
    const items: T[] = [];
    for (let page: number | null = 1; page !== null;) {
      const query: string = `${path.includes("?") ? "&" : "?"}page=${page}&per_page=${MAX_PER_PAGE}`;
      const answer: Record<string, unknown> = await this.request(scope, "GET", `${path}${query}`);
      items.push(...(answer[key] as T[]));
      page = (answer["meta"] as { pagination: { next_page: number | null } }).pagination.next_page;
    }
    return items;
  }

  /** Waits for all actions of an answer, in their order. @throws Error with the first failure. */
  async wait(scope: Scope, answer: WithActions): Promise<void> {
    const actions = [answer.action, ...(answer.actions ?? []), ...(answer.next_actions ?? [])].filter(
      (one) => one !== undefined && one !== null,
    );
    for (const action of actions) {
      const { status, error, command } = action.status === "running" ? await this.finished(scope, action.id) : action;
      if (status === "error")
        throw new HcloudError(
          0,
          error?.code ?? "action_failed",
          `${command} failed: ${error?.message ?? "no reason given"} (${error?.code ?? "action_failed"})`,
        );
    }
  }

  close(): void {
    this.closed = true;
  }

  /** How long to wait before the next attempt, with some chance in it; time runs as fast as polling does. */
  pauseMs(attempt: number): number {
    const base = Math.max(2 * this.options.pollIntervalMs, 20);
    return base + Math.random() * (Math.min(base * 2 ** attempt, MAX_PAUSE_MS) - base);
  }

  private pauseAfter(error: unknown, attempt: number): number | undefined {
    if (!(error instanceof HcloudError)) {
      return networkCode(error) === "ECONNREFUSED" && attempt < REFUSED_TRIES ? this.pauseMs(attempt) : undefined;
    }
    const passes = PASSING.has(error.code) || [502, 504].includes(error.status);
    return passes && attempt + 1 < MAX_TRIES ? this.pauseMs(attempt) : undefined;
  }

  private async send<T>(signal: AbortSignal, method: string, path: string, body?: object): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`${this.options.endpoint}${path}`, {
        method,
        signal,
        headers: {
          authorization: `Bearer ${this.options.token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = networkCode(error) ?? String(error);
      throw new Error(`Hetzner API at ${this.options.endpoint} is not reachable (${reason})`, { cause: error });
    }
    const answer = await response.text();
    if (response.ok) return (answer === "" ? {} : JSON.parse(answer)) as T;
    throw toError(response.status, answer);
  }

  private finished(scope: Scope, id: number): Promise<ApiAction> {
    return new Promise<ApiAction>((resolve, reject) => {
      const timer = setTimeout(
        () => settle(() => reject(new Error(`action ${id} is still running after the time allowed`))),
        Math.max(0, Math.min(scope.deadline - Date.now(), 2 ** 31 - 1)),
      );
      const onAbort = (): void => settle(() => reject(scope.signal.reason as Error));
      const entry: Pending = {
        done: (action) => settle(() => resolve(action)),
        fail: (error) => settle(() => reject(error)),
      };
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        scope.signal.removeEventListener("abort", onAbort);
        const left = (this.pending.get(id) ?? []).filter((other) => other !== entry);
        if (left.length === 0) this.pending.delete(id);
        else this.pending.set(id, left);
        finish();
      };
      if (scope.signal.aborted) return onAbort();
      scope.signal.addEventListener("abort", onAbort);
      this.pending.set(id, [...(this.pending.get(id) ?? []), entry]);
      if (!this.polling) void this.poll();
    });
  }

  private async poll(): Promise<void> {
    this.polling = true;
    while (this.pending.size > 0 && !this.closed) {
      await sleep(this.options.pollIntervalMs);
      const ids = [...this.pending.keys()];
      for (let start = 0; start < ids.length; start += MAX_IDS_PER_POLL)
        await this.pollSome(ids.slice(start, start + MAX_IDS_PER_POLL));
    }
    this.polling = false;
  }

  private async pollSome(ids: readonly number[]): Promise<void> {
    // Polling serves many resources, so none of them may stop it; each of them has its own deadline.
    const scope: Scope = {
      signal: new AbortController().signal,
      deadline: Date.now() + MAX_PAUSE_MS,
      log: () => undefined,
    };
    try {
      const query = ids.map((id) => `id=${id}`).join("&");
      const { actions } = await this.request<{ actions: readonly ApiAction[] }>(
        scope,
        "GET",
        `/actions?${query}&sort=status&sort=id&page=1&per_page=${MAX_PER_PAGE}`,
      );
      for (const id of ids) {
        const action = actions.find((one) => one.id === id);
        if (action?.status === "running") continue;
        for (const entry of this.pending.get(id) ?? []) {
          if (action === undefined) entry.fail(new Error(`action ${id} is not known to the Hetzner API any more`));
          else entry.done(action);
        }
      }
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      for (const id of ids) for (const entry of this.pending.get(id) ?? []) entry.fail(reason);
    }
  }
}

/** The system's code (ECONNREFUSED...) of a failed connection, however deep fetch has wrapped it. */
function networkCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return typeof code === "string" ? code : networkCode(cause);
}

function toError(status: number, answer: string): HcloudError {
  try {
    const { error } = JSON.parse(answer) as {
      error: {
        code: string;
        message: string;
        details?: { fields?: readonly { name: string; messages: readonly string[] }[] } | null;
      };
    };
    const fields = (error.details?.fields ?? []).map((field) => `${field.name}: ${field.messages.join(", ")}`);
    const missing = fields.filter((field) => !error.message.includes(field.split(": ")[1] ?? ""));
    return new HcloudError(
      status,
      error.code,
      `${error.message} (${error.code})${missing.length > 0 ? `; ${missing.join("; ")}` : ""}`,
    );
  } catch {
    return new HcloudError(status, "unknown_error", `the Hetzner API answered ${status} without a reason`);
  }
}

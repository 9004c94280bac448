import { setTimeout as sleep } from "node:timers/promises";
import { HcloudError, type HcloudClient, type Scope, type WithActions } from "./client";

/** As often as the real provider tries by itself what the API refuses for now; each time the client has tried, too. */
const TRIES = 5;

/** The client, bound to one operation of the engine. */
export class Api {
  constructor(
    private readonly client: HcloudClient,
    private readonly scope: Scope,
  ) {}

  /** Undefined: there is no such thing. */
  async get<T>(path: string): Promise<T | undefined> {
    try {
      return await this.client.request<T>(this.scope, "GET", path);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  list<T>(path: string, key: string): Promise<T[]> {
    return this.client.list<T>(this.scope, path, key);
  }

  /** Sends; whoever needs the actions done waits for them. */
  send<T extends object>(method: "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<T> {
    return this.client.request<T>(this.scope, method, path, body);
  }

  wait(answer: WithActions): Promise<void> {
    return this.client.wait(this.scope, answer);
  }

  /** Starts an action and waits for its end. */
  async act(path: string, body?: object): Promise<void> {
    await this.wait(await this.send<WithActions>("POST", path, body ?? {}));
  }

  /** Repeats what fails with one of these codes. */
  async retry<T>(codes: readonly string[] | "any", work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const passes = codes === "any" ? error instanceof HcloudError : hasCode(error, ...codes);
        if (!passes || attempt + 1 >= TRIES) throw error;
        await this.pause(attempt);
      }
    }
  }

  /** Asks until it is so, a bounded number of times. */
  async until(isSo: () => Promise<boolean>): Promise<boolean> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (await isSo()) return true;
      await this.pause(attempt);
    }
    return false;
  }

  /** What takes something away is fine when it is not there any more. */
  async unlessGone(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Fine when it is not there any more. */
  async remove(path: string): Promise<void> {
    await this.unlessGone(async () => this.wait(await this.send<WithActions>("DELETE", path)));
  }

  log(severity: "debug" | "info" | "warning", message: string): void {
    this.scope.log(severity, message);
  }

  private async pause(attempt: number): Promise<void> {
    await sleep(this.client.pauseMs(attempt), undefined, { signal: this.scope.signal });
  }
}

const GONE = new Set([
  "not_found",
  "load_balancer_target_not_found",
  "firewall_resource_not_found",
  "firewall_already_removed",
]);

function isNotFound(error: unknown): boolean {
  return error instanceof HcloudError && GONE.has(error.code);
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof HcloudError && codes.includes(error.code);
}

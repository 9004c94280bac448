/** A token bucket, as Hetzner counts requests of one project. */
export interface RateLimitOptions {
  /** Requests that may come at once. Default 3600, as Hetzner's. */
  readonly limit: number;
  /** Requests regained a second. Default 100; Hetzner's is 1, but there actions last seconds, here milliseconds. */
  readonly refillPerSecond: number;
}

export const DEFAULT_RATE_LIMIT: RateLimitOptions = { limit: 3600, refillPerSecond: 100 };

export class RateLimit {
  private tokens: number;
  private last = Date.now();

  constructor(private readonly options: RateLimitOptions) {
    this.tokens = options.limit;
  }

  /** Takes one request out; `headers` go with every answer. */
  take(): { readonly allowed: boolean; readonly headers: Readonly<Record<string, string>> } {
    const { limit, refillPerSecond } = this.options;
    const now = Date.now();
    this.tokens = Math.min(limit, this.tokens + ((now - this.last) / 1000) * refillPerSecond);
    this.last = now;
    const allowed = this.tokens >= 1;
    if (allowed) this.tokens -= 1;
    const secondsToFull = refillPerSecond === 0 ? 3600 : Math.ceil((limit - this.tokens) / refillPerSecond);
    return {
      allowed,
      headers: {
        "RateLimit-Limit": String(limit),
        "RateLimit-Remaining": String(Math.floor(this.tokens)),
        "RateLimit-Reset": String(Math.floor(now / 1000) + secondsToFull),
      },
    };
  }
}

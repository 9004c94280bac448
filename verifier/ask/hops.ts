/** One hop's limits on a route, in seconds. */
export interface HopLimits {
  readonly hop: string;
  /** Where the limit is set. */
  readonly rule: string;
  /** Silence after which it gives up. */
  readonly idle: number;
  /** After which it gives up whatever flows. */
  readonly total: number;
  /** What to do about `total`, for a hop of the estate's own. `seconds`: what is needed; undefined: no end. */
  readonly remedy?: (seconds: number | undefined) => string;
}

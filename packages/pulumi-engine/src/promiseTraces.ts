type Debuggable = (promise: Promise<unknown>, context?: unknown) => Promise<unknown>;

/**
 * The SDK takes a stack trace for every promise that it makes, for its own debugging, and where stacks are mapped to
 * TypeScript each takes long: a quarter of the time of whoever registers a stack. From now on it takes them only where
 * PULUMI_DEBUG_PROMISE_LEAKS asks for them, which is what prints them.
 *
 * @param sdk its module runtime/debuggable
 */
export function withoutPromiseTraces(sdk: { debuggablePromise: Debuggable }): void {
  if (process.env["PULUMI_DEBUG_PROMISE_LEAKS"] !== undefined) return;
  const { debuggablePromise } = sdk;
  sdk.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

/* Loaded into the program's process before the program (program.ts). */
import { createRequire } from "node:module";
import { Socket } from "node:net";
import { loadLazily } from "./lazyModules";

// The engine holds the other end of this pipe and never writes; when the engine is gone, by whatever signal, the
// pipe closes, and the program must not go on alone.
const pipe = new Socket({ fd: 3, readable: true, writable: false });
pipe.on("error", () => process.exit(1));
pipe.on("close", () => process.exit(1));
pipe.resume();
pipe.unref();

const sdk = require.resolve("@pulumi/pulumi");
const requireOfSdk = createRequire(sdk);
const entry = require.resolve("@pulumi/pulumi/cmd/run");

// The SDK takes a stack trace for every promise it makes, and its own source-map-support rewrites each of them,
// though tsx has Node do that already: a sixth of the processor time of a program with 400 resources.
const duplicate = require.resolve("source-map-support/register", { paths: [entry] });
require.cache[duplicate] = Object.assign(Object.create(module) as NodeModule, {
  id: duplicate,
  filename: duplicate,
  loaded: true,
  exports: {},
});

// Seconds of every start: the Automation API, and what turns functions into text for dynamic providers.
loadLazily("./automation", sdk);
loadLazily("./typescript-shim", sdk);
loadLazily("@npmcli/arborist", sdk);

// Those stack traces themselves are for the SDK's own debugging; they are taken where it is asked for.
if (process.env["PULUMI_DEBUG_PROMISE_LEAKS"] === undefined) {
  const debuggable = requireOfSdk("./runtime/debuggable") as {
    debuggablePromise: (promise: Promise<unknown>, context?: unknown) => Promise<unknown>;
  };
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

// The engine drops debug messages: thousands of calls that need not be made.
const log = requireOfSdk("./log") as { debug: (message: string) => Promise<void> };
log.debug = () => Promise.resolve();

/* Loaded into the program's process before the program (program.ts). */
import { createRequire } from "node:module";
import { Socket } from "node:net";
import "./quickSdk";

// The engine holds the other end of this pipe and never writes; when the engine is gone, by whatever signal, the
// pipe closes, and the program must not go on alone.
const pipe = new Socket({ fd: 3, readable: true, writable: false });
pipe.on("error", () => process.exit(1));
pipe.on("close", () => process.exit(1));
pipe.resume();
pipe.unref();

const requireOfSdk = createRequire(require.resolve("@pulumi/pulumi"));
const entry = require.resolve("@pulumi/pulumi/cmd/run");

// The SDK's own source-map-support rewrites every stack trace, though tsx has Node do that already.
const duplicate = require.resolve("source-map-support/register", { paths: [entry] });
require.cache[duplicate] = Object.assign(Object.create(module) as NodeModule, {
  id: duplicate,
  filename: duplicate,
  loaded: true,
  exports: {},
});

// The engine drops debug messages: thousands of calls that need not be made.
const log = requireOfSdk("./log") as { debug: (message: string) => Promise<void> };
log.debug = () => Promise.resolve();

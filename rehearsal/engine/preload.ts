/* Loaded into the program's process before the program (program.ts). */
import { Socket } from "node:net";

// The engine holds the other end of this pipe and never writes; when the engine is gone, by whatever signal, the
// pipe closes, and the program must not go on alone.
const pipe = new Socket({ fd: 3, readable: true, writable: false });
pipe.on("error", () => process.exit(1));
pipe.on("close", () => process.exit(1));
pipe.resume();
pipe.unref();

// The SDK takes a stack trace for every promise it makes, and its own source-map-support rewrites each of them,
// though tsx has Node do that already: a sixth of the processor time of a program with 400 resources.
const duplicate = require.resolve("source-map-support/register", {
  paths: [require.resolve("@pulumi/pulumi/cmd/run")],
});
require.cache[duplicate] = Object.assign(Object.create(module) as NodeModule, {
  id: duplicate,
  filename: duplicate,
  loaded: true,
  exports: {},
});

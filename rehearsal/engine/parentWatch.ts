import { Socket } from "node:net";

// Loaded into the program's process before the program. The engine holds the other end of this pipe and never
// writes; when the engine is gone, by whatever signal, the pipe closes, and the program must not go on alone.
const pipe = new Socket({ fd: 3, readable: true, writable: false });
pipe.on("error", () => process.exit(1));
pipe.on("close", () => process.exit(1));
pipe.resume();
pipe.unref();

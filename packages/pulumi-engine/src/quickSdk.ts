/* Imported before the SDK by whoever runs or registers a program: without what the SDK does for nobody there. */
import { createRequire } from "node:module";
import { loadLazily } from "./lazyModules";
import { withoutPromiseTraces } from "./promiseTraces";

const sdk = require.resolve("@pulumi/pulumi");

// Half a second of every start: the Automation API, and what turns functions into text for dynamic providers.
loadLazily("./automation", sdk);
loadLazily("./typescript-shim", sdk);
loadLazily("@npmcli/arborist", sdk);

withoutPromiseTraces(createRequire(sdk)("./runtime/debuggable") as Parameters<typeof withoutPromiseTraces>[0]);

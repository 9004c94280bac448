// The CLI compiles a pack's TypeScript with settings of its own; this project's sources are for tsx.
require("tsx/cjs");
require("./pack.ts");

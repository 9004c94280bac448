const { availableParallelism } = require("node:os");

// The machine's own Node may be older than the pinned one, and fails in ways that look like the project's.
if (Number(process.versions.node.split(".")[0]) < 24)
  throw new Error(`Node ${process.version} is too old; put the pinned one first: PATH=$PWD/node_modules/.bin:$PATH`);

// Unit tests load no real machine and no real API server; the other suites have projects of their own.
const swc = {
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2023", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  testEnvironment: "node",
  // A third of the time of a test that registers a stack.
  moduleNameMapper: { "^\\./debuggable$": "<rootDir>/tools/jestDebuggable.js" },
  // The temporary folder of a run goes with it (tools/scratch.ts).
  cacheDirectory: "<rootDir>/.cache/jest",
  // Jest looks at every file below its roots: not at the caches, which hold whole operating systems.
  roots: [
    "components",
    "cost",
    "diff",
    "packages",
    "picture",
    "policy",
    "rehearsal",
    "stacks",
    "tests",
    "tools",
    "verifier",
  ].map((folder) => `<rootDir>/${folder}`),
};
const project = (displayName, testMatch, extra = {}) => ({
  ...swc,
  displayName,
  testMatch: testMatch.map((m) => `<rootDir>/tests/${m}`),
  ...extra,
});

module.exports = {
  globalSetup: "<rootDir>/tools/jestScratch.ts",
  globalTeardown: "<rootDir>/tools/jestScratch.ts",
  // Jest leaves a core free, which is half of a small machine.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  projects: [
    project("unit", ["{apps,components,house,stacks,policy,incidents,picture,verifier}/**/*.test.ts"]),
    // The verifier asked about many variants of prod: seconds of processor time.
    project("mutations", ["{mutations,museum}/**/*.test.ts"]),
    // These start processes and servers.
    project("rehearsal", ["{rehearsal,packages,tools,diff,cost}/**/*.test.ts"]),
    // The examples of CONTRIBUTING.md, in a copy of the repository.
    project("contributing", ["contributing/**/*.test.ts"]),
    project("scenario", ["scenario/**/*.test.ts"]),
    // Debian's chromium.
    project("browser", ["browser/**/*.test.ts"]),
    project("kubernetes", ["kubernetes/**/*.test.ts"]),
    project("machines", ["machines/**/*.test.ts"]),
    project("pulumi", ["pulumi/**/*.test.ts"]),
  ],
};

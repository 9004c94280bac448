import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { EmittedGraph } from "../../verifier/read/graph";
import type { Environment } from "../../stacks/environment";
import { environment as local } from "../../stacks/local";
import { environment as prod } from "../../stacks/prod";
import { throughGateway } from "../../tools/throughGateway";

const ROOT = join(__dirname, "..", "..");
const CACHE = join(ROOT, ".cache", "emitted");
const SOURCES = ["components", "stacks", "verifier", "tools/emitGraph.ts", "package-lock.json"];
const DAY_MS = 86_400_000;
const LIMIT_MS = 180_000;

/**
 * What an environment registers. Takes seconds, so it is made by one process for all test files, and kept under the
 * checksum of everything that it is made from.
 */
export function emitted(environment: Environment): EmittedGraph {
  const file = join(CACHE, `${checksum(environment)}.json`);
  const lock = `${file}.lock`;
  mkdirSync(CACHE, { recursive: true });
  const started = Date.now();
  while (!existsSync(file)) {
    if (take(lock)) {
      try {
        if (!existsSync(file)) make(environment, file);
      } finally {
        rmSync(lock, { force: true });
      }
    } else if (Date.now() - started > LIMIT_MS) {
      throw new Error(`${lock}: somebody else has been making this graph for three minutes; delete the file`);
    } else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  return JSON.parse(readFileSync(file, "utf8")) as EmittedGraph;
}

export const prodGraph = (): EmittedGraph => emitted(prod);

/** Prod with the streaming application of the incidents: an answer in events, and a socket for each user. */
export const prodWithChat = (): EmittedGraph => emitted(withChat());

/** The same behind a controller of the Gateway API, which people install. */
export const prodThroughGateway = (): EmittedGraph => emitted(throughGateway(withChat()));

function withChat(): Environment {
  const chat = (local.workloads.apps ?? [])
    .filter(({ name }) => name === "chat-backend")
    .map((app) => ({
      ...app,
      processes: app.processes.map((one) =>
        one.kind === "web"
          ? { ...one, expose: (one.expose ?? []).map((part) => ({ ...part, host: "chat.keybuzz.io" })) }
          : one,
      ),
    }));
  return { ...prod, workloads: { ...prod.workloads, apps: [...(prod.workloads.apps ?? []), ...chat] } };
}

function checksum(environment: Environment): string {
  const hash = createHash("sha256").update(JSON.stringify(environment));
  const add = (path: string): void => {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else hash.update(path.slice(ROOT.length)).update(readFileSync(path));
  };
  for (const source of SOURCES) add(join(ROOT, source));
  return hash.digest("hex").slice(0, 24);
}

function take(lock: string): boolean {
  try {
    closeSync(openSync(lock, "wx"));
    return true;
  } catch {
    // Left by somebody who was killed.
    if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > LIMIT_MS) rmSync(lock, { force: true });
    return false;
  }
}

function make(environment: Environment, file: string): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    if (Date.now() - statSync(path).mtimeMs > DAY_MS) rmSync(path, { force: true });
  }
  const done = spawnSync(process.execPath, ["--import", "tsx", "tools/emitGraph.ts"], {
    cwd: ROOT,
    input: JSON.stringify(environment),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (done.status !== 0) throw new Error(`tools/emitGraph.ts failed:\n${done.stderr}`);
  writeFileSync(`${file}.${process.pid}`, done.stdout);
  renameSync(`${file}.${process.pid}`, file);
}

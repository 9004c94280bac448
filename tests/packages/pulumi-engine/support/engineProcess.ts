/** Runs the engine in a process of its own, to be killed: argv[2] is JSON {directory, command, spec, cancel?}. Prints the result's ok. */
import { runEngine } from "@standin/pulumi-engine";
import type { EngineOptions } from "@standin/pulumi-engine";
import { FakeCloud } from "./fakeProvider";
import { join } from "node:path";

interface Task {
  readonly directory: string;
  readonly command: EngineOptions["command"];
  readonly spec: unknown;
}

async function main(): Promise<void> {
  const task = JSON.parse(process.argv[2] ?? "") as Task;
  const stop = new AbortController();
  const cancel = new AbortController();
  process.on("SIGINT", () => {
    if (stop.signal.aborted) cancel.abort();
    else stop.abort();
  });
  const result = await runEngine({
    command: task.command,
    projectDir: join(__dirname, "..", "programs", "declared"),
    stack: "dev",
    config: { "declared:spec": JSON.stringify(task.spec) },
    secretConfigKeys: [],
    stateFile: join(task.directory, "state", "dev.state"),
    passphrase: "correct horse",
    providers: { fake: new FakeCloud(task.directory).factory() },
    signal: stop.signal,
    cancelSignal: cancel.signal,
    onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
  });
  process.stdout.write(`${JSON.stringify({ kind: "result", ok: result.ok, resources: result.resources })}\n`);
}

void main();

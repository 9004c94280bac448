import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runEngine } from "@standin/pulumi-engine";
import type { EngineEvent, EngineOptions, EngineResult, ResourceResult } from "@standin/pulumi-engine";
import { FakeCloud } from "./fakeProvider";
import type { Declared, Spec } from "./spec";

/** A temporary directory with a fake cloud and a state, and short ways to run programs on them. */
export class Stand {
  readonly directory = mkdtempSync(join(tmpdir(), "engine-test-"));
  readonly cloud = new FakeCloud(this.directory);
  readonly stateFile = join(this.directory, "state", "dev.state");
  readonly events: EngineEvent[] = [];

  options(command: EngineOptions["command"], more: Partial<EngineOptions> = {}): EngineOptions {
    return {
      command,
      projectDir: join(__dirname, "..", "programs", "declared"),
      stack: "dev",
      config: {},
      secretConfigKeys: [],
      stateFile: this.stateFile,
      passphrase: "correct horse",
      providers: { fake: this.cloud.factory() },
      onEvent: (event) => this.events.push(event),
      ...more,
    };
  }

  /** Runs programs/declared on a spec; the events, and the cloud's calls, are those of this run only. */
  run(
    command: EngineOptions["command"],
    spec: Spec | readonly Declared[],
    more: Partial<EngineOptions> = {},
  ): Promise<EngineResult> {
    const whole = "resources" in spec ? spec : { resources: spec };
    const { config, ...rest } = more;
    return this.runWith(command, { ...rest, config: { ...config, "declared:spec": JSON.stringify(whole) } });
  }

  runWith(command: EngineOptions["command"], more: Partial<EngineOptions>): Promise<EngineResult> {
    this.events.length = 0;
    this.cloud.forgetCalls();
    return runEngine(this.options(command, more));
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The result of the resource with this name. */
export function byName(result: EngineResult, name: string): ResourceResult {
  const found = result.resources.find((r) => r.name === name);
  if (found === undefined)
    throw new Error(`no resource "${name}" among ${result.resources.map((r) => r.name).join(", ")}`);
  return found;
}

/** "a:create b:same", without the stack and components. */
export function ops(result: EngineResult): string {
  return result.resources
    .filter((r) => r.type.startsWith("fake:"))
    .map((r) => `${r.name}:${r.op}${r.status === "done" ? "" : `(${r.status})`}`)
    .sort()
    .join(" ");
}

/** Error messages of a run. */
export function errors(result: EngineResult): string {
  return result.diagnostics
    .filter((d) => d.severity === "error")
    .map((d) => d.message)
    .join("\n");
}

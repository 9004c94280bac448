import { LocalCloudError } from "../localCloudError";
import type { EngineName } from "./engineOfState";
import type { Options } from "./options";
import type { Plugin, PulumiCli } from "./pulumiCli";

type FoundCli = Extract<PulumiCli, { readonly found: true }>;

/** A real Kubernetes API on this machine: at hand in seconds, after a build of minutes, or not at all. */
export type RealKubernetes =
  { readonly state: "built" | "possible" } | { readonly state: "impossible"; readonly why: string };

/** What this machine has; each is asked only when the choice depends on it. */
export interface Machine {
  cli(): PulumiCli;
  /** Why the project does not take this version of the CLI; undefined: it does. */
  versionProblem(version: string): string | undefined;
  missingPlugins(path: string): readonly Plugin[];
  realKubernetes(): RealKubernetes;
}

export interface Choice {
  /** The CLI that runs the program; undefined: the embedded engine does. */
  readonly cli: FoundCli | undefined;
  readonly kubernetes: "local" | "real";
  /** Why, and what takes long, in one line each. */
  readonly lines: readonly string[];
}

/** What stands between a run and the official CLI. */
interface Obstacle {
  readonly why: string;
  /** What is done about it where the CLI is asked for by name, and how long that takes. Undefined: nothing. */
  readonly done?: string;
}

/** Measured on 2 cores, idle and busy (docs/reference/kubernetes.md, docs/benchmarks.md). */
const BUILD = "3 to 11 minutes, once";

type Wanted = Pick<Options, "engine" | "kubernetes" | "stack"> & {
  /** The Kubernetes API of the local cloud that is kept in the foreground, if there is one. */
  readonly kept?: "local" | "real" | undefined;
};

/**
 * The engine of a run. `auto` takes the official CLI only where all that it needs is here already; what takes minutes
 * to make is made for who asks for it by name.
 *
 * @param begun the engine that has brought the stack up; it goes on, as the other one knows nothing of it.
 * @throws LocalCloudError in one sentence, where what was asked for by name cannot be had.
 */
export function chooseEngine(wanted: Wanted, begun: EngineName | undefined, machine: Machine): Choice {
  const embedded = (...lines: readonly string[]): Choice => ({
    cli: undefined,
    kubernetes: wanted.kubernetes ?? wanted.kept ?? "local",
    lines,
  });
  const goesOn = wanted.engine === "auto" ? begun : undefined;
  if (wanted.engine === "embedded") return embedded();
  if (goesOn === "embedded") return embedded(`Using the embedded engine, which has brought ${wanted.stack} up.`);

  const named = wanted.engine === "pulumi" || goesOn === "pulumi";
  const slow: string[] = [];
  for (const { why, done } of obstacles(wanted, machine)) {
    if (!named)
      return embedded(
        `Using the embedded engine: ${why}${done === undefined ? "" : `; with --engine pulumi that is ${done}`}.`,
      );
    if (done === undefined) throw new LocalCloudError(refusal(wanted, goesOn, why));
    slow.push(`${why}; that is ${done}.`);
  }
  const cli = machine.cli();
  if (!cli.found) throw new LocalCloudError(refusal(wanted, goesOn, cli.why));
  return {
    cli,
    kubernetes: "real",
    lines: [`Using the official Pulumi CLI ${cli.version} with a real Kubernetes API.`, ...slow.map(sentence)],
  };
}

function* obstacles({ kubernetes, kept }: Wanted, machine: Machine): Generator<Obstacle> {
  const cli = machine.cli();
  if (!cli.found) {
    yield { why: cli.why };
    return;
  }
  const problem = machine.versionProblem(cli.version);
  if (problem !== undefined) yield { why: problem };
  const needs = `the Pulumi CLI ${cli.version} needs a real Kubernetes API`;
  if (kubernetes === "local") yield { why: `${needs}, and --kubernetes local is none` };
  else if (kept === "local") yield { why: `${needs}, and the local cloud in the foreground has none` };
  const real: RealKubernetes = kept === "real" ? { state: "built" } : machine.realKubernetes();
  if (real.state === "impossible") yield { why: `${needs}, and ${real.why}` };
  // Who asks for a real one by name has asked for its build.
  if (real.state === "possible" && kubernetes !== "real")
    yield { why: `${needs}, and none is built here yet`, done: `built first (${BUILD})` };
  const missing = machine.missingPlugins(cli.path).map(({ name, version }) => `${name} ${version}`);
  if (missing.length > 0)
    yield {
      why: `the Pulumi CLI ${cli.version} lacks ${missing.length === 1 ? "the plugin" : "the plugins"} ${missing.join(", ")}`,
      done: "downloaded first (a minute or more, once)",
    };
}

function refusal({ stack }: Wanted, goesOn: EngineName | undefined, why: string): string {
  return goesOn === undefined
    ? `--engine pulumi is not possible: ${why}. Without it the embedded engine runs the program.`
    : `${stack} was brought up by the Pulumi CLI, which cannot go on with it: ${why}. Nothing was changed.`;
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

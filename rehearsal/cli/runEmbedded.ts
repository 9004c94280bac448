import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runEngine, stateResources } from "@standin/pulumi-engine";
import type { Verdict } from "../estate";
import { clockAhead } from "../clock";
import { providersAt } from "../providers";
import { Judge } from "./judge";
import type { Options } from "./options";
import { counts, type Progress } from "./progress";
import type { RunReport } from "./report";
import { embeddedStateFile, ROOT } from "./paths";
import type { Session } from "./session";
import type { Stops } from "./stops";

/** What either engine runs. */
export type RunCommand = "up" | "preview" | "destroy" | "refresh";

/** Runs the program with the embedded engine; targets are URNs, default all. */
export async function runEmbedded(
  command: RunCommand,
  options: Options,
  session: Session,
  progress: Progress,
  stops: Stops,
  targets?: readonly string[],
): Promise<RunReport> {
  const started = performance.now();
  const state = stateResources(embeddedStateFile(session.dir));
  const judge =
    command === "destroy" || command === "refresh" || targets !== undefined
      ? undefined
      : new Judge({ stack: options.stack, state, consent: options.consent });
  // An up knows it once it is planned.
  if (command === "destroy" || command === "refresh") progress.total(state?.resources.length ?? 0);
  const verdictFile = join(session.dir, "verdict.json");
  rmSync(verdictFile, { force: true });
  const result = await runEngine({
    command,
    projectDir: ROOT,
    stack: options.stack,
    // The real provider takes these from the environment; the embedded ones are in this process, so they are told.
    config: {
      ...session.config,
      "hcloud:token": session.env["HCLOUD_TOKEN"] ?? "",
      "hcloud:endpoint": session.env["HCLOUD_ENDPOINT"] ?? "",
      "hcloud:pollInterval": session.env["HCLOUD_POLL_INTERVAL"] ?? "",
    },
    secretConfigKeys: [...session.secretConfigKeys, "hcloud:token"],
    stateFile: embeddedStateFile(session.dir),
    passphrase: session.passphrase,
    providers: providersAt(clockAhead(session.later)),
    env: { ...session.env, KEYBUZZ_VERDICT_FILE: verdictFile },
    onEvent: (event) => progress.onEvent(event),
    continueOnError: options.continueOnError,
    removeProtected: options.consent.includes(options.stack),
    signal: stops.signal,
    cancelSignal: stops.cancelSignal,
    ...(judge === undefined
      ? {}
      : {
          approve: (planned) => {
            progress.total(planned.filter(({ op }) => counts(op)).length);
            return judge.plan(planned);
          },
        }),
    ...(targets === undefined ? {} : { targets }),
    ...(options.parallel === undefined ? {} : { parallel: options.parallel }),
  });
  const { ok, summary, resources, outputs } = result;
  const told = new Set(resources.filter(({ status }) => status === "failed").map(({ urn }) => urn));
  // What was planned has been judged; what stands in the end is judged as well.
  const disputed = ok && command === "up" ? (judge?.judge(resources) ?? []) : [];
  return {
    ok: ok && disputed.length === 0,
    engine: "embedded engine",
    command,
    stack: options.stack,
    summary,
    resources,
    outputs,
    // With the plan that is judged before an up.
    durationMs: performance.now() - started,
    errors: result.diagnostics
      .filter(({ severity, urn }) => severity === "error" && !told.has(urn ?? ""))
      .map(({ message }) => message)
      .concat(disputed),
    ...verdictOf(judge, verdictFile),
    ...(judge?.change === undefined ? {} : { change: judge.change }),
    ...(judge?.unjudged === undefined ? {} : { unjudged: judge.unjudged }),
  };
}

/** Of what was registered; where the program refused its own plan, of that. */
function verdictOf(judge: Judge | undefined, file: string): { readonly verdict?: Verdict } {
  if (judge === undefined) return {};
  if (judge.verdict !== undefined) return { verdict: judge.verdict };
  return existsSync(file) ? { verdict: JSON.parse(readFileSync(file, "utf8")) as Verdict } : {};
}

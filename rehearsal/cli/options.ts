import { parseArgs } from "node:util";
import { FAULT_FORMS, parseFault } from "@standin/hetzner-api/weather/faults";

export const COMMANDS = ["up", "preview", "destroy", "refresh", "status", "cloud", "delegate"] as const;
export type Command = (typeof COMMANDS)[number];

export interface Options {
  readonly command: Command;
  /** Default "prod". */
  readonly stack: string;
  /** auto: the official CLI where all that it needs is at hand, the embedded engine otherwise. */
  readonly engine: "auto" | "embedded" | "pulumi";
  /** local: in process. real: kube-apiserver and its company. Default: real with the official CLI, else local. */
  readonly kubernetes: "local" | "real" | undefined;
  /** simulated: they answer SSH, and run nothing. real: Debian guests; needs Linux and root. */
  readonly machines: "simulated" | "real";
  readonly json: boolean;
  /** Also what did not change, and whatever is cut or counted otherwise. */
  readonly all: boolean;
  /** Names whose protection may be lifted: hosts, load balancers, applications, secrets, or the whole stack. */
  readonly consent: readonly string[];
  /** Steps at once. Default: 16 (they wait for the network, not for a core). */
  readonly parallel: number | undefined;
  /** Go on after a failed step with all that does not need it. */
  readonly continueOnError: boolean;
  /** What goes wrong in the local cloud during this run, a word each. */
  readonly faults: readonly string[];
  /** Days that the rehearsal's clock is ahead. Undefined: as the last run left it. */
  readonly later: number | undefined;
}

/** With the Kubernetes API that the engine takes. */
export type SettledOptions = Options & { readonly kubernetes: "local" | "real" };

/** A command line that cannot be taken. Exit code 2. */
export class UsageError extends Error {
  constructor(mistakes: readonly string[]) {
    super(`${mistakes.join("\n")}\n\n${USAGE}`);
    this.name = "UsageError";
  }
}

export const USAGE = `npm run rehearse -- [up | preview | destroy | refresh | status | cloud | delegate] [options]

  up        (default) brings the stack up in the local cloud
  preview   shows what up would do
  destroy   deletes everything; what is protected only with --consent <stack>
  refresh   asks the local cloud what has become of what the state knows, and changes nothing in it
  status    what there is
  cloud     keeps the local cloud in the foreground, and prints how the pulumi CLI, hcloud and kubectl reach it
  delegate  tells the local cloud that the stack's zone was delegated to it, as a registrar would

  --stack S             any with stacks/S.ts and Pulumi.S.yaml                 (prod)
  --engine E            auto, embedded, pulumi          (auto: pulumi where all that it needs is at hand in seconds)
  --kubernetes K        local (in process), real (kube-apiserver; needs Go)    (local; real with the Pulumi CLI)
  --machines M          simulated, real (Debian guests; Linux, as root)        (simulated)
  --consent NAMES       lift the protection of these hosts, balancers, applications or secrets, or of the whole stack
  --parallel N          steps at once                                          (16)
  --continue-on-error   after a failed step go on with all that does not need it
  --fault FAULT         what goes wrong in the local cloud meanwhile, as often as wanted: docs/rehearsal.md, "Weather"
                        ${FAULT_FORMS.join("\n                        ")}
  --later DAYS          sets the rehearsal's clock ahead, for good: certificates grow old and end   (as the last run left it)
  --all                 also what did not change, and every line that is cut or counted otherwise
  --json                one JSON document on standard output (npm run -s rehearse: npm itself prints there, too)
`;

const one = <T extends string>(name: string, value: string, allowed: readonly T[], mistakes: string[]): T => {
  const found = allowed.find((entry) => entry === value);
  if (found !== undefined) return found;
  mistakes.push(`${name} "${value}" is unknown; allowed: ${allowed.join(", ")}`);
  return allowed[0] as T;
};

/** Reads the command line; throws a UsageError with every mistake. */
export function parseOptions(argv: readonly string[], stacks: readonly string[]): Options {
  const mistakes: string[] = [];
  const { values, positionals, tokens } = parseArgs({
    // npm takes the first "--" away; whoever calls the file itself leaves it.
    args: argv[0] === "--" ? argv.slice(1) : [...argv],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: {
      stack: { type: "string" },
      engine: { type: "string" },
      kubernetes: { type: "string" },
      machines: { type: "string" },
      consent: { type: "string", multiple: true },
      parallel: { type: "string" },
      fault: { type: "string", multiple: true },
      "continue-on-error": { type: "boolean" },
      later: { type: "string" },
      json: { type: "boolean" },
      all: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  const known = [
    "stack",
    "engine",
    "kubernetes",
    "machines",
    "consent",
    "parallel",
    "fault",
    "continue-on-error",
    "later",
    "json",
    "all",
    "help",
  ];
  const flags = ["continue-on-error", "json", "all", "help"];
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    if (!known.includes(token.name))
      mistakes.push(`option "${token.rawName}" is unknown; allowed: ${known.map((name) => `--${name}`).join(", ")}`);
    else if (!flags.includes(token.name) && typeof token.value !== "string")
      mistakes.push(`option "${token.rawName}" wants a value`);
  }
  const text = (name: "stack" | "engine" | "kubernetes" | "machines" | "parallel" | "later"): string | undefined => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  if (positionals.length > 1)
    mistakes.push(`one command at a time, not ${positionals.map((word) => `"${word}"`).join(" and ")}`);
  const command = one("command", positionals[0] ?? "up", COMMANDS, mistakes);
  const engine = one("--engine", text("engine") ?? "auto", ["auto", "embedded", "pulumi"] as const, mistakes);
  const kubernetes =
    text("kubernetes") === undefined
      ? undefined
      : one("--kubernetes", text("kubernetes") ?? "", ["local", "real"] as const, mistakes);
  if (engine === "pulumi" && kubernetes === "local")
    mistakes.push(
      "--kubernetes local is not for --engine pulumi: the CLI's Kubernetes provider needs a real API; leave one of the two out",
    );
  const machines = one("--machines", text("machines") ?? "simulated", ["simulated", "real"] as const, mistakes);
  const stack = one("--stack", text("stack") ?? "prod", stacks, mistakes);
  const parallel = text("parallel") === undefined ? undefined : Number(text("parallel"));
  if (parallel !== undefined && !(Number.isInteger(parallel) && parallel >= 1 && parallel <= 256)) {
    mistakes.push(`--parallel "${text("parallel")}" must be a whole number from 1 to 256`);
  }
  const consent = (Array.isArray(values.consent) ? values.consent : []).flatMap((value) =>
    typeof value === "string" ? value.split(",") : [],
  );
  const continueOnError = values["continue-on-error"] === true;
  if (continueOnError && command !== "up" && command !== "destroy")
    mistakes.push(`--continue-on-error means something to up and destroy, not to ${command}`);
  const faults = (Array.isArray(values.fault) ? values.fault : []).filter((one) => typeof one === "string");
  for (const fault of faults.map(parseFault)) if ("mistake" in fault) mistakes.push(fault.mistake);
  if (faults.length > 0 && (command === "status" || command === "delegate"))
    mistakes.push(`--fault means nothing to ${command}`);
  const later = text("later") === undefined ? undefined : Number(text("later"));
  if (later !== undefined && !(Number.isInteger(later) && later >= 0 && later <= 3650))
    mistakes.push(`--later "${text("later")}" must be a whole number of days from 0 to 3650`);
  if (later !== undefined && (engine === "pulumi" || kubernetes === "real" || machines === "real"))
    mistakes.push(
      "--later needs --engine embedded, --kubernetes local and --machines simulated: real programs have no other clock than the machine's",
    );
  if (mistakes.length > 0 || values.help === true) throw new UsageError(mistakes);
  const json = values.json === true;
  const all = values["all"] === true;
  return { command, stack, engine, kubernetes, machines, json, all, consent, parallel, continueOnError, faults, later };
}

import {
  CommandLineError,
  readCommandLine,
  type CommandLineSpec,
  type Given,
  type OptionSpec,
} from "@standin/common/commandLine";
import { FAULT_FORMS, parseFault } from "@standin/hetzner-api/weather/faults";
import { nearest } from "../estate";

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

Exit status: 0 done, 1 failed or refused, 2 bad input: docs/rehearsal.md
`;

/** Whose values are judged one by one. */
const ENGINES = ["auto", "embedded", "pulumi"] as const;
const APIS = ["local", "real"] as const;
const MACHINES = ["simulated", "real"] as const;

const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  engine: { allowed: ENGINES },
  kubernetes: { allowed: APIS },
  machines: { allowed: MACHINES },
  consent: { many: true },
  parallel: { number: { least: 1, most: 256 } },
  fault: { many: true },
  "continue-on-error": { flag: true },
  later: { number: { least: 0, most: 3650, of: "days" } },
  json: { flag: true },
  all: { flag: true },
};

/** Reads the command line; throws a UsageError with every mistake. @param env where npm leaves what it took for itself. */
export function parseOptions(
  argv: readonly string[],
  stacks: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Options {
  const spec: CommandLineSpec = {
    script: "rehearse",
    options: { stack: { allowed: stacks }, ...OPTIONS },
    words: [{ name: "command", optional: true, allowed: COMMANDS }],
    nearest,
    judge,
  };
  let given: Given;
  try {
    given = readCommandLine(spec, argv, env);
  } catch (error) {
    if (error instanceof CommandLineError) throw new UsageError(error.mistakes);
    throw error;
  }
  if (given.help) throw new UsageError([]);
  return {
    command: commandOf(given),
    stack: given.text("stack") ?? "prod",
    engine: ENGINES.find((one) => one === given.text("engine")) ?? "auto",
    kubernetes: APIS.find((one) => one === given.text("kubernetes")),
    machines: MACHINES.find((one) => one === given.text("machines")) ?? "simulated",
    json: given.flag("json"),
    all: given.flag("all"),
    consent: given.all("consent").flatMap((value) => value.split(",")),
    parallel: given.number("parallel"),
    continueOnError: given.flag("continue-on-error"),
    faults: given.all("fault"),
    later: given.number("later"),
  };
}

const commandOf = ({ words: [word] }: Given): Command => COMMANDS.find((one) => one === word) ?? "up";

/** What does not go together. */
function judge(given: Given): readonly string[] {
  const command = commandOf(given);
  const [engine, kubernetes, machines] = ["engine", "kubernetes", "machines"].map(given.text);
  const faults = given.all("fault");
  const real = engine === "pulumi" || kubernetes === "real" || machines === "real";
  return [
    ...(engine === "pulumi" && kubernetes === "local"
      ? [
          "--kubernetes local is not for --engine pulumi: the CLI's Kubernetes provider needs a real API; leave one of the two out",
        ]
      : []),
    ...(given.flag("continue-on-error") && command !== "up" && command !== "destroy"
      ? [`--continue-on-error means something to up and destroy, not to ${command}`]
      : []),
    ...faults.map(parseFault).flatMap((fault) => ("mistake" in fault ? [fault.mistake] : [])),
    ...(faults.length > 0 && (command === "status" || command === "delegate")
      ? [`--fault means nothing to ${command}`]
      : []),
    ...(given.text("later") !== undefined && real
      ? [
          "--later needs --engine embedded, --kubernetes local and --machines simulated: real programs have no other clock than the machine's",
        ]
      : []),
  ];
}

import { findPulumi } from "../rehearsal/cli/pulumiCli";
import { debianMirror } from "../rehearsal/machineImage";
import { realKubernetesAvailable } from "@standin/kubernetes-api";
import { installTools, realMachinesAvailable } from "@standin/machines/real";

/** One step of `npm test`. */
export interface Suite {
  readonly name: string;
  /** A program of node_modules/.bin, and its arguments. */
  readonly command: readonly string[];
  /** Is there something to make for it beforehand (tools/prepare.ts)? Default false. */
  readonly prepared?: boolean;
  /** Why it cannot run here, in one line. Undefined: it runs. */
  readonly skip?: () => string | undefined | Promise<string | undefined>;
}

/** Real machines: why not here, in one line; otherwise what they need is installed, and that is said. */
async function whyNoMachines(): Promise<string | undefined> {
  const real = realMachinesAvailable();
  if (!real.ok) return `real machines: ${real.why}`;
  try {
    installTools((line) => process.stderr.write(`${line}\n`));
    await debianMirror();
    return undefined;
  } catch (error) {
    return `real machines: ${(error as Error).message.split("\n")[0] ?? ""}`;
  }
}

const jest = (project: string): readonly string[] => ["jest", "--selectProjects", project, "--passWithNoTests=false"];

/** In the order in which they run: what fails soonest first, what must be prepared last. */
export const SUITES: readonly Suite[] = [
  { name: "typecheck", command: ["tsc", "--noEmit"] },
  { name: "lint", command: ["eslint", "."] },
  { name: "format", command: ["prettier", "--check", "--log-level", "warn", "."] },
  { name: "unit", command: jest("unit") },
  { name: "mutations", command: jest("mutations") },
  { name: "rehearsal", command: jest("rehearsal") },
  { name: "scenario", command: jest("scenario") },
  {
    name: "pulumi",
    command: jest("pulumi"),
    skip: () => {
      const cli = findPulumi();
      return cli.found ? undefined : `official Pulumi CLI and providers: ${cli.why}`;
    },
  },
  {
    name: "kubernetes",
    command: jest("kubernetes"),
    prepared: true,
    skip: () => {
      const real = realKubernetesAvailable();
      return real.ok ? undefined : `real Kubernetes API: ${real.why}`;
    },
  },
  // One cluster at a time: two of them would fight for the cores, and the outages that are measured grow.
  { name: "machines", command: [...jest("machines"), "--runInBand"], prepared: true, skip: whyNoMachines },
];

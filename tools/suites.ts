import { findPulumi } from "../rehearsal/cli/pulumiCli";
import { debianMirror } from "../rehearsal/machineImage";
import { realKubernetesAvailable } from "@standin/kubernetes-api";
import { installTools, realMachinesAvailable } from "@standin/machines/real";

/** npm: needs nothing but npm. real: real daemons, a real API server, the official CLI; Linux, root and Go for most. */
export type Group = "npm" | "real";

/** One step of `npm test` or `npm run test:real`. */
export interface Suite {
  readonly name: string;
  readonly group: Group;
  /** A program of node_modules/.bin, and its arguments. */
  readonly command: readonly string[];
  /** Test files that only the whole has (`npm run test:whole`), as regular expressions. Default: none. */
  readonly wholeOnly?: readonly string[];
  /** What it puts on this machine outside of the clone. Default: nothing. */
  readonly installs?: string;
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

/** Tests that need a checker: without it they skip themselves in `npm test`. */
const CHECKED = ["tests/stacks/shell.test.ts", "tests/components/monitoring/rules.test.ts"];

/** What makes `npm test` longer than a person waits; docs/benchmarks.md has how long. */
const SLOW: Readonly<Record<"unit" | "mutations" | "rehearsal" | "contributing" | "scenario", readonly string[]>> = {
  unit: [],
  mutations: [],
  rehearsal: [],
  // Each example by itself; npm test has them all at once.
  contributing: ["tests/contributing/whole\\.test\\.ts"],
  scenario: [],
};

const jestOf = (project: string): readonly string[] => ["jest", "--selectProjects", project, "--passWithNoTests=false"];

/** In the order in which they run: what fails soonest first, what must be prepared last. */
export const SUITES: readonly Suite[] = [
  { name: "typecheck", group: "npm", command: ["tsc", "--noEmit"] },
  { name: "lint", group: "npm", command: ["eslint", "."] },
  { name: "format", group: "npm", command: ["prettier", "--check", "--log-level", "warn", "."] },
  { name: "unit", group: "npm", command: jestOf("unit"), wholeOnly: SLOW.unit },
  { name: "mutations", group: "npm", command: jestOf("mutations"), wholeOnly: SLOW.mutations },
  { name: "rehearsal", group: "npm", command: jestOf("rehearsal"), wholeOnly: SLOW.rehearsal },
  { name: "contributing", group: "npm", command: jestOf("contributing"), wholeOnly: SLOW.contributing },
  { name: "scenario", group: "npm", command: jestOf("scenario"), wholeOnly: SLOW.scenario },
  {
    name: "checkers",
    group: "real",
    command: [...jestOf("unit"), "--runTestsByPath", ...CHECKED],
    installs: "nothing (shellcheck, promtool and amtool from Debian's packages, unpacked into .cache)",
    skip: () =>
      process.platform === "linux" ? undefined : "checkers of shell and alerts: Debian's packages are for Linux",
  },
  {
    name: "pulumi",
    group: "real",
    command: jestOf("pulumi"),
    skip: () => {
      const cli = findPulumi();
      return cli.found ? undefined : `official Pulumi CLI and providers: ${cli.why}`;
    },
  },
  {
    name: "kubernetes",
    group: "real",
    command: jestOf("kubernetes"),
    installs: "nothing (kube-apiserver and its company, built from Go modules into .cache; Go keeps its own caches)",
    prepared: true,
    skip: () => {
      const real = realKubernetesAvailable();
      return real.ok ? undefined : `real Kubernetes API: ${real.why}`;
    },
  },
  // One cluster at a time: two of them would fight for the cores, and the outages that are measured grow.
  {
    name: "machines",
    group: "real",
    command: [...jestOf("machines"), "--runInBand"],
    installs: "debootstrap and systemd-container with apt, where they are missing",
    prepared: true,
    skip: whyNoMachines,
  },
];

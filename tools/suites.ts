import { spawnSync } from "node:child_process";
import { realKubernetesAvailable } from "@standin/kubernetes-api";
import { missingTools, realMachinesAvailable } from "@standin/machines/real";
import { findPulumi } from "../rehearsal/cli/pulumiCli";
import { browserPath, whyNoBrowser } from "./browser";
import { missingCheckers, whyNoCheckers } from "./checkers";

/** One step of a test command. */
export interface Suite {
  readonly name: string;
  /** A program of node_modules/.bin, and its arguments. */
  readonly command: readonly string[];
  /** Test files that only the whole has, as regular expressions of their paths. Default: none. */
  readonly wholeOnly?: readonly string[];
  /**
   * Run file by file instead of all at once, beginning each day with another, until so many minutes are used up; what
   * is left then is skipped, and said. Default: all at once, however long.
   */
  readonly fileByFile?: { readonly folder: string; readonly minutes: number };
  /** What is made or fetched for it beforehand, and where it is put, in one line. Default: nothing (tools/prepare.ts). */
  readonly needs?: () => string | undefined;
  /** Why it cannot run here, in one line. Undefined: it runs. */
  readonly skip?: () => string | undefined;
}

/** Suites that run beside each other; the next ones begin when all have ended. */
export type Group = readonly Suite[];

const jestOf = (project: string, ...files: readonly string[]): readonly string[] => [
  "jest",
  ...files,
  "--selectProjects",
  project,
  "--passWithNoTests=false",
];

/** `npm test`: needs nothing but npm. What fails soonest comes first. */
const PLAIN: readonly Group[] = [
  [
    { name: "typecheck", command: ["tsc", "--noEmit"] },
    { name: "lint", command: ["eslint", "."] },
    { name: "format", command: ["prettier", "--check", "--log-level", "warn", "."] },
  ],
  // What a preview of two new applications names, and other proofs that register whole stacks again; copies of the program
  // are compiled. Prod before and after a change, drawn.
  [
    {
      name: "unit",
      command: jestOf("unit"),
      wholeOnly: [
        "tests/apps/(order|previews)\\.test\\.ts",
        "tests/stacks/(closedTables|waitsForObjects)\\.test\\.ts",
        "tests/components/cluster/renderedStacks\\.test\\.ts",
        "tests/verifier/gateway\\.test\\.ts",
        "tests/verifier/change/(rows|mutations|growth)\\.test\\.ts",
        "tests/stacks/(resizing|leavingWorkers)\\.test\\.ts",
        "tests/picture/change\\.test\\.ts",
      ],
    },
  ],
  // How the judge's time grows; what happened to others.
  [
    {
      name: "mutations",
      command: jestOf("mutations"),
      wholeOnly: ["tests/mutations/growth\\.test\\.ts", "tests/museum/museum\\.test\\.ts"],
    },
  ],
  // A credential of the cluster at each moment of its life; the engine, and a host's script, stopped at many places; what
  // is said of twenty changes of prod, each registered; commits that cannot be compared, and pictures of them; every npm
  // script asked wrongly; the manual, typed in; actionlint, which Go builds.
  [
    {
      name: "rehearsal",
      command: jestOf("rehearsal"),
      wholeOnly: [
        "tests/packages/pulumi-engine/(kubernetes/credential|interrupted|failures|options|projectFile)\\.test\\.ts",
        "tests/rehearsal/(hostScript/cutOff|peerDaemons)\\.test\\.ts",
        "tests/(diff/changes|cost/pricesCommand)\\.test\\.ts",
        "tests/tools/(actionlint|commandLines|diffBase|manualRun|topology)\\.test\\.ts",
      ],
    },
  ],
  // Minutes each: a first up without and with delegation, or killed; rotations; workloads taken out; a third environment; servers that get another type;
  // silent machines; an install; old credentials, and whose authority; plans of whole stacks that are not proved; their
  // graphs.
  [
    {
      name: "scenario",
      command: jestOf("scenario"),
      wholeOnly: [
        "tests/scenario/(attach|badInput|clusterAuthority|verdict|graph|delegation|newEstate|badHosts|interrupted|interruptedProd|rotation|anyApp|firstUp|production|kubeconfig|waysIn|slots|refusedBefore|replacedServers|takenOut|wayThere|resized)\\.test\\.ts",
      ],
    },
    // Beside the longest scenario. Each example of CONTRIBUTING.md by itself; otherwise all of them at once.
    { name: "contributing", command: jestOf("contributing"), wholeOnly: ["tests/contributing/whole\\.test\\.ts"] },
  ],
];

/** `npm run test:real`: the real things that this machine allows. What must be prepared longest comes last. */
const REAL: readonly Group[] = [
  [
    {
      name: "checkers",
      command: jestOf("unit", "tests/components/monitoring/rules.test.ts", "tests/stacks/shell.test.ts"),
      needs: () => {
        const missing = missingCheckers();
        return missing.length === 0 ? undefined : `${missing.join(", ")}: fetched with apt into .cache/checkers`;
      },
      skip: whyNoCheckers,
    },
  ],
  [
    {
      name: "browser",
      command: jestOf("browser"),
      needs: () => (browserPath() === undefined ? "chromium: installed with apt" : undefined),
      skip: whyNoBrowser,
    },
  ],
  [
    {
      name: "workflows",
      command: jestOf("rehearsal", "tests/tools/actionlint.test.ts"),
      needs: () => "actionlint: built from its Go module",
      skip: () =>
        spawnSync("go", ["version"], { stdio: "ignore" }).status === 0 ? undefined : "actionlint: Go is not installed",
    },
  ],
  [
    {
      name: "pulumi",
      command: jestOf("pulumi"),
      skip: () => {
        const cli = findPulumi();
        return cli.found ? undefined : `official Pulumi CLI and providers: ${cli.why}`;
      },
    },
  ],
  [
    {
      name: "kubernetes",
      command: jestOf("kubernetes"),
      needs: () => "kube-apiserver and its company: built from Go modules into .cache/kubernetes, once",
      skip: () => whyNot("real Kubernetes API", realKubernetesAvailable()),
    },
  ],
  // One cluster at a time: two of them would fight for the cores, and the outages that are measured grow.
  [
    {
      name: "machines",
      command: [...jestOf("machines"), "--runInBand"],
      fileByFile: { folder: "tests/machines", minutes: 24 },
      needs: () => {
        const missing = missingTools();
        const installed = missing.length === 0 ? "" : `; for that it installs with apt: ${missing.join(", ")}`;
        return `images of Debian 12 and 13: made with debootstrap in .cache, once${installed}`;
      },
      skip: () => whyNot("real machines", realMachinesAvailable()),
    },
  ],
];

function whyNot(what: string, available: { readonly ok: boolean; readonly why?: string }): string | undefined {
  return available.ok ? undefined : `${what}: ${available.why ?? ""}`;
}

export const COMMANDS = { test: PLAIN, "test:real": REAL } as const;

import { chooseEngine, type Choice, type Machine, type RealKubernetes } from "../../../rehearsal/cli/chooseEngine";
import type { EngineName } from "../../../rehearsal/cli/engineOfState";
import type { Options } from "../../../rehearsal/cli/options";
import type { Plugin, PulumiCli } from "../../../rehearsal/cli/pulumiCli";
import { LocalCloudError } from "../../../rehearsal/localCloudError";

interface Here {
  readonly cli?: PulumiCli;
  readonly problem?: string;
  readonly missing?: readonly Plugin[];
  readonly kubernetes?: RealKubernetes;
}

const CLI: PulumiCli = { found: true, version: "v3.260.0", path: "/opt/pulumi/pulumi" };
const NO_CLI: PulumiCli = { found: false, why: "no pulumi on PATH" };
const NO_GO: RealKubernetes = { state: "impossible", why: "Go is not on PATH" };
const HCLOUD: Plugin = { name: "hcloud", version: "1.41.0" };

/** What was asked of the machine, in order. */
let asked: string[];
beforeEach(() => void (asked = []));

function choose(
  { cli = CLI, problem, missing = [], kubernetes = { state: "built" } }: Here,
  wanted: Partial<Pick<Options, "engine" | "kubernetes">> & { readonly kept?: "local" | "real" } = {},
  begun?: EngineName,
): Choice {
  const note = <T>(what: string, answer: T): T => {
    asked.push(what);
    return answer;
  };
  const machine: Machine = {
    cli: () => note("cli", cli),
    versionProblem: () => note("version", problem),
    missingPlugins: () => note("plugins", missing),
    realKubernetes: () => note("kubernetes", kubernetes),
  };
  return chooseEngine({ engine: "auto", kubernetes: undefined, stack: "prod", ...wanted }, begun, machine);
}

const refused = (here: Here, wanted: Parameters<typeof choose>[1], begun?: EngineName): string => {
  try {
    choose(here, wanted, begun);
  } catch (error) {
    expect(error).toBeInstanceOf(LocalCloudError);
    return (error as Error).message;
  }
  throw new Error("nothing was refused");
};

describe("auto", () => {
  test("takes the CLI where all that it needs is here already", () => {
    expect(choose({})).toEqual({
      cli: CLI,
      kubernetes: "real",
      lines: ["Using the official Pulumi CLI v3.260.0 with a real Kubernetes API."],
    });
  });

  test.each<[string, Here, string]>([
    ["no CLI", { cli: NO_CLI }, "no pulumi on PATH"],
    ["a CLI that is too old", { problem: "3.200.0 is too old" }, "3.200.0 is too old"],
    [
      "no Kubernetes API, and none can be made",
      { kubernetes: NO_GO },
      "the Pulumi CLI v3.260.0 needs a real Kubernetes API, and Go is not on PATH",
    ],
    [
      "a Kubernetes API that is not built yet",
      { kubernetes: { state: "possible" } },
      "the Pulumi CLI v3.260.0 needs a real Kubernetes API, and none is built here yet; with --engine pulumi that is built first (3 to 11 minutes, once)",
    ],
    [
      "a plugin that is not there",
      { missing: [HCLOUD] },
      "the Pulumi CLI v3.260.0 lacks the plugin hcloud 1.41.0; with --engine pulumi that is downloaded first (a minute or more, once)",
    ],
  ])("%s: the embedded engine, and one line says why", (_what, here, why) => {
    expect(choose(here)).toEqual({
      cli: undefined,
      kubernetes: "local",
      lines: [`Using the embedded engine: ${why}.`],
    });
  });

  test("--kubernetes local is the embedded engine's; --kubernetes real is built by whoever runs the program", () => {
    expect(choose({}, { kubernetes: "local" })).toMatchObject({ cli: undefined, kubernetes: "local" });
    expect(choose({ kubernetes: { state: "possible" } }, { kubernetes: "real" })).toMatchObject({ cli: CLI });
    expect(choose({ cli: NO_CLI }, { kubernetes: "real" })).toMatchObject({ cli: undefined, kubernetes: "real" });
  });

  test("a cloud in the foreground has the Kubernetes API that it has", () => {
    expect(choose({}, { kept: "local" })).toEqual({
      cli: undefined,
      kubernetes: "local",
      lines: [
        "Using the embedded engine: the Pulumi CLI v3.260.0 needs a real Kubernetes API, and the local cloud in the foreground has none.",
      ],
    });
    expect(choose({ kubernetes: NO_GO }, { kept: "real" })).toMatchObject({ cli: CLI, kubernetes: "real" });
    expect(choose({ cli: NO_CLI }, { kept: "real" })).toMatchObject({ cli: undefined, kubernetes: "real" });
  });

  test("asks nothing that the answer does not depend on", () => {
    choose({ cli: NO_CLI });
    choose({ kubernetes: { state: "possible" } });
    expect(asked).toEqual(["cli", "cli", "version", "kubernetes"]);
  });

  test("whoever has brought a stack up goes on with it", () => {
    expect(choose({}, {}, "embedded")).toEqual({
      cli: undefined,
      kubernetes: "local",
      lines: ["Using the embedded engine, which has brought prod up."],
    });
    expect(asked).toEqual([]);
    expect(choose({ kubernetes: { state: "possible" } }, {}, "pulumi")).toMatchObject({ cli: CLI });
    expect(refused({ cli: NO_CLI }, {}, "pulumi")).toBe(
      "prod was brought up by the Pulumi CLI, which cannot go on with it: no pulumi on PATH. Nothing was changed.",
    );
  });
});

describe("by name", () => {
  test("the embedded engine asks nothing of the machine", () => {
    expect(choose({}, { engine: "embedded" })).toEqual({ cli: undefined, kubernetes: "local", lines: [] });
    expect(choose({}, { engine: "embedded", kubernetes: "real" })).toMatchObject({ kubernetes: "real" });
    expect(asked).toEqual([]);
  });

  test("the CLI gets what takes minutes, and how long it takes is said before", () => {
    expect(choose({ kubernetes: { state: "possible" }, missing: [HCLOUD] }, { engine: "pulumi" })).toEqual({
      cli: CLI,
      kubernetes: "real",
      lines: [
        "Using the official Pulumi CLI v3.260.0 with a real Kubernetes API.",
        "The Pulumi CLI v3.260.0 needs a real Kubernetes API, and none is built here yet; that is built first (3 to 11 minutes, once).",
        "The Pulumi CLI v3.260.0 lacks the plugin hcloud 1.41.0; that is downloaded first (a minute or more, once).",
      ],
    });
  });

  test.each<[string, Here, Partial<Options>, string]>([
    ["no CLI", { cli: NO_CLI }, {}, "no pulumi on PATH"],
    ["one that is too old", { problem: "3.200.0 is too old" }, {}, "3.200.0 is too old"],
    ["no Go", { kubernetes: NO_GO }, {}, "needs a real Kubernetes API, and Go is not on PATH"],
    ["--kubernetes local", {}, { kubernetes: "local" }, "needs a real Kubernetes API, and --kubernetes local is none"],
  ])("the CLI with %s is refused in one sentence", (_what, here, wanted, why) => {
    const message = refused(here, { ...wanted, engine: "pulumi" });
    expect(message).toContain(why);
    expect(message).toMatch(
      /^--engine pulumi is not possible: .*\. Without it the embedded engine runs the program\.$/,
    );
  });
});

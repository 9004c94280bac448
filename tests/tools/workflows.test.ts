import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const ROOT = join(__dirname, "..", "..");
const FOLDER = join(ROOT, ".github", "workflows");

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly uses?: string;
  readonly permissions?: Readonly<Record<string, string>> | string;
  readonly steps?: readonly Step[];
  readonly "runs-on"?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly needs?: string;
}
interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FILES = readdirSync(FOLDER).sort();
const text = (file: string): string => readFileSync(join(FOLDER, file), "utf8");
const read = (file: string): Workflow => parse(text(file)) as Workflow;
const jobsOf = (file: string): readonly (readonly [string, Job])[] => Object.entries(read(file).jobs);
const stepsOf = (file: string): readonly Step[] => jobsOf(file).flatMap(([, { steps = [] }]) => steps);

test("there are those that the page names", () => {
  expect(FILES).toEqual([
    "apply.yml",
    "comment.yml",
    "deploy.yml",
    "drift.yml",
    "plan.yml",
    "preview.yml",
    "proposal.yml",
  ]);
});

describe.each(FILES)("%s", (file) => {
  test("every action is pinned by a commit, with its version beside it", () => {
    const used = text(file)
      .split("\n")
      .flatMap((line) => /^\s*(?:- )?uses: (.*)$/.exec(line)?.[1] ?? []);
    expect(used.length).toBeGreaterThan(0);
    expect(
      used.filter(
        (one) => !/^(\.\/\.github\/workflows\/\w+\.yml|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/.test(one),
      ),
    ).toEqual([]);
  });

  test("nothing is allowed but what a job says, and no job may write code", () => {
    expect(read(file).permissions).toEqual({});
    for (const [name, { permissions }] of jobsOf(file)) {
      expect({ name, permissions }).toEqual({ name, permissions: expect.any(Object) as unknown });
      const writes = Object.entries(permissions ?? {}).filter(([, may]) => may === "write");
      expect(writes.filter(([what]) => !["pull-requests", "issues"].includes(what))).toEqual([]);
    }
  });

  test("who may write runs nothing of the repository", () => {
    for (const [, { permissions = {}, steps = [] }] of jobsOf(file)) {
      if (!Object.values(permissions).includes("write")) continue;
      expect(steps.filter(({ uses = "" }) => uses.startsWith("actions/checkout"))).toEqual([]);
      expect(steps.filter(({ run = "" }) => /\b(npm|npx|node)\b/.test(run.replaceAll(/<!--.*?-->/g, "")))).toEqual([]);
    }
  });

  test("what others wrote is never part of a script", () => {
    expect(stepsOf(file).filter(({ run = "" }) => run.includes("${{"))).toEqual([]);
  });

  test("no checkout leaves a token behind", () => {
    for (const { uses = "", with: given } of stepsOf(file))
      if (uses.startsWith("actions/checkout")) expect(given?.["persist-credentials"]).toBe(false);
  });

  test("every npm script that it runs is there", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };
    const called = stepsOf(file).flatMap(({ run = "" }) =>
      [...run.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name ?? ""),
    );
    expect(called.filter((name) => !(name in scripts))).toEqual([]);
  });
});

test("no pull request's code runs with what the base may do", () => {
  for (const file of FILES) expect(Object.keys(read(file).on)).not.toContain("pull_request_target");
});

test("a pull request's own job has no secret and no environment", () => {
  const { diff } = read("preview.yml").jobs;
  expect(diff?.environment).toBeUndefined();
  expect(JSON.stringify(diff)).not.toContain("secrets.");
});

test("a pull request has its picture, before and after, and the comment says where", () => {
  const steps = read("preview.yml").jobs["diff"]?.steps ?? [];
  const [drawn] = steps.filter(({ run = "" }) => run.includes("npm run --silent topology"));
  expect(drawn?.run).toContain('--base "$BASE" --stack "$STACK" --out "picture-$STACK"');
  const uploaded = steps.flatMap((step) =>
    step.uses?.startsWith("actions/upload-artifact") ? [step.with?.["path"]] : [],
  );
  expect(uploaded).toEqual(["diff-${{ matrix.stack }}.md", "picture-${{ matrix.stack }}"]);
  expect(text("comment.yml")).toContain("before and after: picture-%s");
});

test("a fork's pull request gets no plan", () => {
  expect(text("proposal.yml")).toContain("if: github.event.pull_request.head.repo.full_name == github.repository");
});

test("what is said of a pull request waits for nobody's approval", () => {
  const { workflows } = read("comment.yml").on["workflow_run"] as { readonly workflows: readonly string[] };
  const followed = FILES.filter((file) => workflows.includes(read(file).name));
  expect(followed).toEqual(["preview.yml"]);
  for (const [, { uses, environment }] of followed.flatMap(jobsOf))
    expect([uses, environment]).toEqual([undefined, undefined]);
});

test("whoever asks the estate comes from where it answers, and nobody else's code runs there", () => {
  for (const [, job] of FILES.flatMap(jobsOf)) {
    if (job.uses !== undefined) continue;
    expect(job["runs-on"]).toBe(job.environment === undefined ? "ubuntu-24.04" : "${{ vars.ESTATE_RUNNER }}");
  }
});

test("a pull request's own program has environments of its own; the nightly look shares none with people's approval", () => {
  const given = ["proposal.yml", "deploy.yml"].flatMap((file) =>
    jobsOf(file).flatMap(([, { uses = "", with: inputs }]) =>
      uses.endsWith("/plan.yml") ? [`${file}: ${inputs?.["environment"]}`] : [],
    ),
  );
  expect(given).toEqual([
    "proposal.yml: ${{ matrix.stack }}-proposal",
    "deploy.yml: staging-plan",
    "deploy.yml: prod-plan",
  ]);
  expect(read("plan.yml").jobs["plan"]?.environment).toBe("${{ inputs.environment }}");
  expect(read("drift.yml").jobs["look"]?.environment).toBe("${{ matrix.stack }}-plan");
});

test("staging comes before prod, and each applies the plan that was made before", () => {
  const { jobs } = read("deploy.yml");
  const order = ["plan-staging", "staging", "plan-prod", "prod"];
  expect(Object.keys(jobs)).toEqual(order);
  expect(order.slice(1).map((name) => jobs[name]?.needs)).toEqual(order.slice(0, -1));
  const plan = (file: string): unknown =>
    stepsOf(file).find(({ uses = "" }) => uses.startsWith("pulumi/actions"))?.with?.["plan"];
  expect(plan("apply.yml")).toBe("plan-${{ inputs.stack }}.json");
  expect(plan("plan.yml")).toBe(plan("apply.yml"));
});

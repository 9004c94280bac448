import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";

const FOLDER = join(__dirname, "..", "..", ".github", "workflows");

/** The script of a workflow's job that has this in it. */
function script(file: string, job: string, part: string): string {
  const { jobs } = parse(readFileSync(join(FOLDER, file), "utf8")) as {
    readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
  };
  const runs = (jobs[job]?.steps ?? []).flatMap(({ run }) => (run?.includes(part) === true ? [run] : []));
  if (runs[0] === undefined) throw new Error(`${file}: no script of ${job} has ${part}`);
  return runs[0];
}

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "keybuzz-workflow-"));
  for (const folder of ["bin", "found"]) mkdirSync(join(dir, folder));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A program that writes down its call, and with it what the file is that it is to send. */
function stub(name: string, answers: string): void {
  const text = `#!/bin/bash\necho "${name} $*" >>'${dir}/calls'\n[[ "$*" = *body.md* ]] && cat body.md >>'${dir}/calls'\ncase "$*" in\n${answers}\nesac\n`;
  writeFileSync(join(dir, "bin", name), text, { mode: 0o755 });
}

/** As GitHub runs it. @returns what was called, line by line. */
function run(text: string, env: Readonly<Record<string, string>> = {}): { code: number | null; calls: string } {
  const file = join(dir, "script.sh");
  writeFileSync(file, text);
  const done = spawnSync("bash", ["-e", file], {
    cwd: dir,
    encoding: "utf8",
    env: {
      PATH: `${join(dir, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
      REPOSITORY: "a/b",
      RUN: "the-run",
      ...env,
    },
  });
  const calls = existsSync(join(dir, "calls")) ? readFileSync(join(dir, "calls"), "utf8") : "";
  return { code: done.status, calls };
}

const write = (name: string, text: string): void => writeFileSync(join(dir, "found", name), text);

describe("what is said of a pull request", () => {
  const comment = script("comment.yml", "comment", "gh pr list");

  test("one comment for each stack: edited where there is one, and none says nothing of what could not be compared", () => {
    stub("gh", `*"pr list"*) echo 7 ;;\n*"issues/7/comments --jq"*"diff prod"*) echo 11 ;;`);
    write("diff-prod.md", "prod's change\n");
    write("diff-staging.md", "");
    const { code, calls } = run(comment, { HEAD: "abc" });
    expect(code).toBe(0);
    expect(calls).toMatch(
      /--method PATCH repos\/a\/b\/issues\/comments\/11 .*\n<!-- npm run diff prod -->\nprod's change\n/,
    );
    expect(calls).toMatch(
      /gh pr comment 7 .*\n<!-- npm run diff staging -->\nstaging could not be compared: the log of the-run/,
    );
  });

  test("two long ones are both said", () => {
    stub("gh", `*"pr list"*) echo 7 ;;`);
    for (const stack of ["prod", "staging"]) write(`diff-${stack}.md`, `${"x".repeat(59_000)} end of ${stack}\n`);
    const { calls } = run(comment, { HEAD: "abc" });
    for (const stack of ["prod", "staging"]) expect(calls).toContain(`end of ${stack}`);
  });

  test("nothing, where no open pull request has the commit any more", () => {
    stub("gh", "");
    expect(run(comment, { HEAD: "abc" })).toEqual({
      code: 0,
      calls: expect.stringMatching(/^gh pr list .*\n$/) as string,
    });
  });
});

describe("what the night finds", () => {
  const look = script("drift.yml", "look", "pulumi refresh");
  const tell = script("drift.yml", "tell", "gh issue");

  test.each([
    ["differs", "echo '~ server a'; exit 1", 1, "~ server a\n"],
    ["does not differ", "echo 'nothing'", 0, ""],
  ])("what %s is in a file for each stack", (_, refresh, code, text) => {
    stub("pulumi", `refresh*) ${refresh} ;;`);
    expect(run(look, { BACKEND: "file://x", STACK: "prod" }).code).toBe(code);
    expect(readFileSync(join(dir, "drift-prod.txt"), "utf8")).toBe(text);
  });

  test("one stack that differs does not keep the other's open, and who could not look closes nothing", () => {
    stub("gh", `*"issue list"*prod*) echo 3 ;;\n*"issue list"*) echo 4 ;;`);
    write("drift-staging.txt", "~ server a\n");
    write("drift-prod.txt", "");
    expect(run(tell).calls).toMatch(/gh issue close 3 [^]*gh issue edit 4 [^]*~ server a/);
    rmSync(join(dir, "calls"));
    rmSync(join(dir, "found", "drift-prod.txt"));
    expect(run(tell).calls).not.toContain("gh issue close");
  });
});

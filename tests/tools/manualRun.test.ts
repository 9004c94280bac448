// The manual, followed literally: its first page by a shell in a fresh clone, then each command that needs no more.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { commandsOf, needsOf, PAGES, ROOT } from "./support/manual";

const LIMIT = 900_000;
const FIRST_PAGE = "docs/start.md";
const CHANGING = "docs/applications.md";

/** A clone of what stands here, committed or not; packages are those that are here, where npm would fetch them. */
class Clone {
  readonly dir = mkdtempSync(join(tmpdir(), "keybuzz-manual-"));
  readonly project = join(this.dir, "clone");

  constructor() {
    const git = (...args: readonly string[]): void => void execFileSync("git", args, { cwd: this.project });
    execFileSync("git", ["clone", "-q", ROOT, this.project]);
    const options = { cwd: ROOT, encoding: "utf8" } as const;
    const files = execFileSync("git", ["ls-files", "-mo", "--exclude-standard"], options).trim().split("\n");
    for (const file of files.filter((one) => one !== ""))
      cpSync(join(ROOT, file), join(this.project, file), { recursive: true, force: true });
    git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qam", "as it stands", "--allow-empty");
    symlinkSync(join(ROOT, "node_modules"), join(this.project, "node_modules"));
  }

  bash(script: string): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
    const PATH = [dirname(process.execPath), process.env["PATH"] ?? ""].join(":");
    const env = { ...process.env, PATH, KEYBUZZ_REHEARSAL_DIR: "", NODE_OPTIONS: "" };
    const done = spawnSync("bash", ["-euo", "pipefail", "-c", script], { cwd: this.project, encoding: "utf8", env });
    return { code: done.status, stdout: done.stdout, stderr: done.stderr };
  }

  dispose(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

describe("the manual", () => {
  let clone: Clone;
  beforeAll(() => {
    clone = new Clone();
  });
  afterAll(() => clone.dispose());

  test(
    "its first page, line by line, ends where it began",
    () => {
      const script = commandsOf(FIRST_PAGE).map(({ command }) => command);
      const { code, stdout, stderr } = clone.bash(script.join("\n"));
      expect([code, code === 0 ? "" : `${stdout}\n${stderr}`]).toEqual([0, ""]);
      expect(stdout).toContain("Verdict: proved.");
      expect(stdout).toMatch(/^local: .*support\.keybuzz\.test\/: first byte after 60 s -> 90 s/m);
      expect(stdout).toMatch(/^\+ metadata\.annotations\["nginx\.ingress\.kubernetes\.io\/proxy-read-timeout"\]: 90$/m);
      expect(stderr).toContain("Nothing is left in the local cloud.");
      expect(
        clone
          .bash("git status --porcelain")
          .stdout.split("\n")
          .filter((line) => / [^?]/.test(line) && !line.startsWith("??")),
      ).toEqual([]);
    },
    LIMIT,
  );

  const others = PAGES.filter((page) => page !== FIRST_PAGE)
    .flatMap(commandsOf)
    .filter((told) => needsOf(told) === undefined && !told.command.includes("up --stack local"));
  // A page that begins with a new application is the last: it changes the clone.
  const once = [...new Map(others.map((one) => [one.command, one])).values()].sort(
    (a, b) => Number(a.page === CHANGING) - Number(b.page === CHANGING),
  );
  test.each(once.map(({ page, command }) => [page, command]))(
    "%s: %s",
    (_, command) => {
      const { code, stdout, stderr } = clone.bash(command ?? "");
      expect([code, code === 0 ? "" : `${stdout}\n${stderr}`]).toEqual([0, ""]);
    },
    LIMIT,
  );
});

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { NotComparableError } from "../../diff/model/emitted";
import { baseCommit, emit, withBase, type Commit } from "../../tools/diffBase";

jest.setTimeout(60_000);

const ROOT = join(__dirname, "..", "..");

/** A repository with one commit after the other. */
class Repository {
  readonly dir = mkdtempSync(join(tmpdir(), "keybuzz-base-"));

  constructor() {
    this.#git("init", "--quiet");
    // What the base is told with is what is here, where the lock files are the same.
    mkdirSync(join(this.dir, "node_modules"));
    symlinkSync(join(ROOT, "node_modules", "tsx"), join(this.dir, "node_modules", "tsx"));
    writeFileSync(join(this.dir, ".git", "info", "exclude"), "node_modules\n");
  }

  commit(files: Readonly<Record<string, string>>): Commit {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.dir, path)), { recursive: true });
      writeFileSync(join(this.dir, path), text);
    }
    this.#git("add", "--all");
    this.#git("-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "--quiet", "--message", "one");
    return baseCommit(this.dir, "HEAD");
  }

  #git(...args: readonly string[]): void {
    execFileSync("git", args, { cwd: this.dir, stdio: ["ignore", "ignore", "inherit"] });
  }
}

const LOCK = { "package-lock.json": "{}" };
const STACK = { "stacks/prod.ts": "", "Pulumi.prod.yaml": "" };
const emitter = (text: string): Readonly<Record<string, string>> => ({ "tools/emitEstate.ts": text });

describe("a base that cannot be compared is told in one sentence", () => {
  let repository: Repository;
  beforeEach(() => void (repository = new Repository()));
  afterEach(() => rmSync(repository.dir, { recursive: true, force: true }));

  /** What it says, and whether the folder is gone. */
  async function told(base: Commit, stack = "prod"): Promise<string> {
    let seen = "";
    const asked = withBase(repository.dir, base, stack, (dir) => {
      seen = dir;
      return emit(dir, stack, "a key", `the base ${base.name}`);
    });
    const error: unknown = await asked.catch((one: unknown) => one);
    expect(existsSync(seen)).toBe(false);
    expect(error).toBeInstanceOf(NotComparableError);
    return (error as Error).message.replaceAll(base.name, "X");
  }

  test("no such commit, and what would be an option of git's", () => {
    repository.commit(LOCK);
    for (const ref of ["nowhere", "--help", ""])
      expect(() => baseCommit(repository.dir, ref)).toThrow(`--base ${ref} is no commit that this clone has: fetch it`);
  });

  test("without a lock file", async () => {
    expect(await told(repository.commit(STACK))).toBe(
      "the base X has no package-lock.json: its packages cannot be installed",
    );
  });

  test("without the stack", async () => {
    const base = repository.commit({ ...LOCK, "stacks/prod.ts": "" });
    expect(await told(base)).toBe("the base X has no stack prod (no Pulumi.prod.yaml): all of it is new");
    expect(await told(base, "shop")).toBe(
      "the base X has no stack shop (no stacks/shop.ts, no Pulumi.shop.yaml): all of it is new",
    );
  });

  test("older than the comparison", async () => {
    const base = repository.commit({ ...LOCK, ...STACK });
    expect(await told(base)).toBe(
      "the base X is older than this comparison (no tools/emitEstate.ts): take a later one",
    );
  });

  test("that does not compile, or stands in error: with the program's own words", async () => {
    const broken = repository.commit({ ...LOCK, ...STACK, ...emitter("const = 1;") });
    expect(await told(broken)).toMatch(/^the base X does not stand:\n[^]*Expected identifier but found/);
    const wrong = repository.commit(emitter('process.stderr.write("stack prod has 1 mistake\\n"); process.exit(1);'));
    expect(await told(wrong)).toBe("the base X does not stand:\nstack prod has 1 mistake");
  });

  test("that says something else than an estate of this format", async () => {
    const silent = repository.commit({ ...LOCK, ...STACK, ...emitter("") });
    expect(await told(silent)).toMatch(/^the base X says nothing that can be read: /);
    const other = repository.commit(emitter("process.stdout.write(JSON.stringify({ format: 99 }));"));
    expect(await told(other)).toBe(
      "the base X writes its graph in format 99, this program reads 1: compare with a commit that is closer",
    );
  });

  test("is shown no token and no password of whoever asks", async () => {
    const names = "Object.keys(process.env).filter((name) => /HCLOUD|PULUMI/.test(name))";
    const base = repository.commit({
      ...LOCK,
      ...STACK,
      ...emitter(`process.stderr.write(JSON.stringify(${names})); process.exit(1);`),
    });
    process.env["HCLOUD_TOKEN"] = "a token";
    try {
      expect(await told(base)).toBe("the base X does not stand:\n[]");
    } finally {
      delete process.env["HCLOUD_TOKEN"];
    }
  });
});

describe("npm run diff", () => {
  const diff = (...args: readonly string[]): { code: number | null; stdout: string; stderr: string } => {
    const done = spawnSync(process.execPath, ["--import", "tsx", "tools/diff.ts", ...args], {
      cwd: ROOT,
      encoding: "utf8",
    });
    return { code: done.status, stdout: done.stdout, stderr: done.stderr };
  };

  test.each([
    ["an unknown ref", ["--base", "no-such-branch"], /^--base no-such-branch is no commit that this clone has: .*\n$/],
    [
      "an unknown stack",
      ["--stack", "prd"],
      /^--stack "prd" is unknown; write "prod"; allowed: local, prod, staging\n\nUsage:/,
    ],
    ["an option twice", ["--stack", "prod", "--stack", "local"], /^--stack is given twice\n\nUsage:/],
    [
      "an unknown option",
      ["--basis", "main"],
      /^option "--basis" is unknown; write "--base"; .*\n"main": no word is expected\n\nUsage:/,
    ],
    [
      "an unknown format",
      ["--format", "html"],
      /^--format "html" is unknown; allowed: terminal, markdown, json\n\nUsage:/,
    ],
    ["prices that are not there", ["--prices", "nowhere.json"], /^--prices nowhere\.json: ENOENT: .*\n$/],
  ])("%s: one sentence, and exit code 2", (_, args, said) => {
    expect(diff(...args)).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(said) as string });
  });
});

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeScratch, openScratch } from "../../tools/scratch";

const ROOT = join(__dirname, "..", "..");
const LIMIT_MS = 60_000;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Not every file system knows files that cannot be deleted. */
function canPin(): boolean {
  const dir = mkdtempSync(join(tmpdir(), "keybuzz-pin-"));
  const pinned = spawnSync("chattr", ["+i", dir]).status === 0;
  if (pinned) spawnSync("chattr", ["-i", dir]);
  rmSync(dir, { recursive: true, force: true });
  return pinned;
}

describe("the temporary folder of a test run", () => {
  let base: string;
  beforeEach(() => void (base = mkdtempSync(join(tmpdir(), "keybuzz-scratch-"))));
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  test("goes with all that is in it; what others have beside it stays", async () => {
    const dir = openScratch(base);
    mkdirSync(join(base, "keybuzz-scenario-other"));
    mkdirSync(join(dir, "keybuzz-scenario-a", "deep"), { recursive: true });
    writeFileSync(join(dir, "keybuzz-scenario-a", "deep", "file"), "left by a test");
    await closeScratch(dir);
    expect(readdirSync(base)).toEqual(["keybuzz-scenario-other"]);
  });

  test("of a run that was killed goes with the next run; one that is in use stays", () => {
    const { pid: dead } = spawnSync("true");
    const abandoned = join(base, `keybuzz-test-${dead}-abcdef`);
    mkdirSync(join(abandoned, "keybuzz-scenario-a"), { recursive: true });
    const inUse = openScratch(base);
    const mine = openScratch(base);
    expect(
      readdirSync(base)
        .map((name) => join(base, name))
        .sort(),
    ).toEqual([inUse, mine].sort());
  });

  const mounts = process.platform === "linux" && process.getuid?.() === 0;
  (mounts ? test : test.skip)("stays while something is mounted in it, and goes afterwards", async () => {
    const dir = openScratch(base);
    const place = join(dir, "mounted");
    mkdirSync(place);
    expect(spawnSync("mount", ["-t", "tmpfs", "tmpfs", place]).status).toBe(0);
    try {
      writeFileSync(join(place, "file"), "somebody's");
      await closeScratch(dir, 200);
      expect(existsSync(join(place, "file"))).toBe(true);
    } finally {
      spawnSync("umount", [place]);
    }
    await closeScratch(dir, 200);
    expect(existsSync(dir)).toBe(false);
  });

  (mounts && canPin() ? test : test.skip)("is tried again where something in it cannot go yet", async () => {
    const dir = openScratch(base);
    const file = join(dir, "held");
    writeFileSync(file, "");
    expect(spawnSync("chattr", ["+i", file]).status).toBe(0);
    setTimeout(() => void spawnSync("chattr", ["-i", file]), 300);
    await closeScratch(dir);
    expect(existsSync(dir)).toBe(false);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "%s in the middle of `npm test`: nothing is left in the temporary folder",
    async (signal, expected) => {
      const child = spawn(process.execPath, ["--import", "tsx", "tools/test.ts", "test", "typecheck"], {
        cwd: ROOT,
        env: { ...process.env, TMPDIR: base },
        stdio: ["ignore", "ignore", "pipe"],
      });
      const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
      await new Promise<void>((resolve) => {
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
          if (text.includes("== typecheck")) resolve();
        });
      });
      const ours = (): readonly string[] => readdirSync(base).filter((name) => name.startsWith("keybuzz-"));
      expect(ours()).toHaveLength(1);
      writeFileSync(join(base, ours()[0] ?? "", "left"), "by a test that was cut off");
      child.kill(signal);
      expect(await ended).toBe(expected);
      expect(ours()).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each([
    ["a test command", ["--import", "tsx", "tools/test.ts", "test", "typecheck"]],
    [
      "jest, called by hand,",
      ["node_modules/jest/bin/jest.js", "tests/tools/whole.test.ts", "--selectProjects", "rehearsal"],
    ],
  ])(
    "of %s goes although the run is killed and can do nothing about it",
    async (_what, args) => {
      const child = spawn(process.execPath, args, {
        cwd: ROOT,
        env: { ...process.env, TMPDIR: base },
        stdio: "ignore",
        detached: true,
      });
      const ours = (): readonly string[] => readdirSync(base).filter((name) => name.startsWith("keybuzz-test-"));
      await until(() => ours().length === 1);
      writeFileSync(join(base, ours()[0] ?? "", "left"), "by a test that was cut off");
      process.kill(-(child.pid ?? 0), "SIGKILL");
      await until(() => ours().length === 0);
    },
    LIMIT_MS,
  );
});

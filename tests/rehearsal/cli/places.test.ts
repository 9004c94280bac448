import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDir, MOVED, rehearsalRoot, ROOT } from "../../../rehearsal/cli/paths";
import { systemError } from "../../../rehearsal/cli/systemErrors";
import { LocalCloudError } from "../../../rehearsal/localCloudError";

const before = process.env[MOVED];
afterEach(() => {
  if (before === undefined) delete process.env[MOVED];
  else process.env[MOVED] = before;
});

test("an empty KEYBUZZ_REHEARSAL_DIR is as none at all", () => {
  process.env[MOVED] = "";
  expect(rehearsalRoot()).toBe(join(ROOT, ".rehearsal"));
});

describe("a folder in which nothing can be kept", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "keybuzz-places-"));
  });
  afterEach(() => {
    chmodSync(dir, 0o700);
    rmSync(dir, { recursive: true });
  });
  const refusal = (path: string): string => {
    try {
      makeDir(path);
    } catch (error) {
      expect(error).toBeInstanceOf(LocalCloudError);
      return (error as Error).message;
    }
    return "";
  };

  test("a new one is made, for its owner alone", () => {
    makeDir(join(dir, "a", "b"));
    expect(statSync(join(dir, "a", "b")).mode & 0o777).toBe(0o700);
  });

  test("is told in one sentence: below a file", () => {
    writeFileSync(join(dir, "file"), "");
    process.env[MOVED] = join(dir, "file");
    expect(refusal(join(dir, "file", "prod"))).toMatch(
      /^KEYBUZZ_REHEARSAL_DIR=.*: nothing can be kept in .*prod \(ENOTDIR\)\. Set KEYBUZZ_REHEARSAL_DIR to .*; nothing was changed\.$/,
    );
  });

  // Whoever is root may write everywhere.
  (process.getuid?.() === 0 ? test.skip : test)("one that is another's", () => {
    chmodSync(dir, 0o500);
    expect(refusal(join(dir, "prod"))).toContain("(EACCES)");
    expect(refusal(dir)).toContain("(EACCES)");
  });

  // Node's recursive mkdir goes round for ever there.
  (existsSync("/proc/self") ? test : test.skip)("one that no folder can be made in", () => {
    expect(refusal("/proc/nowhere/prod")).toContain("(ENOENT)");
  });
});

test("what the machine refuses is told with what to do, and without a trace", () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  expect(systemError(full)).toBe(
    "ENOSPC: no space left on device, write (ENOSPC): the disk is full: free some space, and run the same command again; it goes on where it stopped.",
  );
  expect(systemError(new Error("ours"))).toBeUndefined();
  expect(systemError(Object.assign(new Error("ours"), { code: "ERR_INVALID_ARG_TYPE" }))).toBeUndefined();
});

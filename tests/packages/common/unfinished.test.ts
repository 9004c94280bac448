import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unfinished } from "@standin/common/unfinished";

describe("a place to build in", () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "standin-unfinished-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("is beside the goal, and free", () => {
    const place = unfinished(join(folder, "image"));
    expect(place).toBe(join(folder, `image.building-${process.pid}`));
    expect(existsSync(place)).toBe(false);
  });

  test("what a killed process left goes; what a living one builds, its log, and other things stay", () => {
    const { pid: gone } = spawnSync(process.execPath, ["-e", ""]);
    for (const name of [`image.building-${gone}`, `image.building-${process.ppid}`, `other.building-${gone}`, "image"])
      mkdirSync(join(folder, name, "below"), { recursive: true });
    writeFileSync(join(folder, `image.building-${gone}.log`), "");
    unfinished(join(folder, "image"));
    expect(readdirSync(folder).sort()).toEqual(
      ["image", `image.building-${process.ppid}`, `image.building-${gone}.log`, `other.building-${gone}`].sort(),
    );
  });

  test("of this process, left by an attempt that failed: made anew", () => {
    const place = unfinished(join(folder, "image"));
    mkdirSync(place);
    expect(existsSync(unfinished(join(folder, "image")))).toBe(false);
  });
});

import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pinnedNodes } from "./support/lockFile";

jest.setTimeout(60_000);

/** Where the Node that fits this machine is installed. */
const PINNED = `node_modules/${pinnedNodes().find(({ os, cpu }) => os === process.platform && cpu === process.arch)?.name}/bin/node`;

const TOOLS = join(__dirname, "..", "..", "tools");

/** A project of which only the entry script is real: npm and the pinned Node are scripts that tell of their call. */
class FreshClone {
  readonly dir = mkdtempSync(join(tmpdir(), "keybuzz-install-"));
  readonly path = join(this.dir, "path");

  constructor() {
    mkdirSync(join(this.dir, "tools"));
    mkdirSync(this.path);
    for (const file of ["run.mjs", "install.mjs"]) copyFileSync(join(TOOLS, file), join(this.dir, "tools", file));
    this.write("package-lock.json", "{}\n");
    this.npm();
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.dir, file)), { recursive: true });
    writeFileSync(join(this.dir, file), text);
  }

  script(file: string, lines: string): void {
    this.write(file, `#!/bin/bash\n${lines}\n`);
    chmodSync(join(this.dir, file), 0o755);
  }

  /** `npm ci` as it works: node_modules goes first, then the packages come one by one. */
  npm(afterTheFirstPackages = ":"): void {
    this.script(
      "path/npm",
      [
        `echo "npm $*" >>'${this.dir}/calls'`,
        `rm -rf '${this.dir}/node_modules'; mkdir -p '${this.dir}/node_modules/.bin'`,
        `echo half >'${this.dir}/node_modules/first-package'`,
        afterTheFirstPackages,
        `mkdir -p '${this.dir}/${dirname(PINNED)}'`,
        // Asked for its version it answers; everything else is a task.
        `printf '#!/bin/bash\\n[ "$*" = --version ] || echo "task: $*"\\n' >'${this.dir}/${PINNED}'`,
        `chmod +x '${this.dir}/${PINNED}'`,
      ].join("\n"),
    );
  }

  /** Killed with -9 once npm has begun and made the file "half". */
  async killed(): Promise<void> {
    const child = spawn(process.execPath, [join(this.dir, "tools", "run.mjs"), "rehearse"], {
      env: { PATH: `${this.path}:/usr/bin:/bin` },
      stdio: "ignore",
      detached: true,
    });
    const ended = new Promise((resolve) => child.once("close", resolve));
    while (!existsSync(join(this.dir, "half"))) await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(-(child.pid ?? 0), "SIGKILL");
    await ended;
  }

  calls(): string[] {
    const file = join(this.dir, "calls");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  run(
    task = "rehearse",
    path = `${this.path}:/usr/bin:/bin`,
    env: NodeJS.ProcessEnv = {},
  ): { code: number | null; stdout: string; stderr: string } {
    const done = spawnSync(process.execPath, [join(this.dir, "tools", "run.mjs"), task], {
      env: { PATH: path, ...env },
      encoding: "utf8",
    });
    return { code: done.status, stdout: done.stdout, stderr: done.stderr };
  }
}

describe("the first command in a fresh clone", () => {
  let clone: FreshClone;
  beforeEach(() => {
    clone = new FreshClone();
  });
  afterEach(() => rmSync(clone.dir, { recursive: true, force: true }));

  test("installs, says so on standard error, and runs the task; the second time it only runs it", () => {
    const first = clone.run();
    expect(first).toMatchObject({ code: 0, stdout: "task: --import tsx rehearsal/cli.ts\n" });
    expect(first.stderr).toContain("Installing the packages");
    expect(clone.calls()).toEqual([expect.stringMatching(/^npm ci /)]);
    expect(clone.run()).toEqual({ code: 0, stdout: "task: --import tsx rehearsal/cli.ts\n", stderr: "" });
    expect(clone.calls()).toHaveLength(1);
  });

  test("a failed install ends with its reason; nothing else is done, and the next run installs anew", () => {
    clone.npm("echo 'ENOSPC: no space left' >&2; exit 28");
    const failed = clone.run();
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toContain("ENOSPC: no space left");
    expect(failed.stderr).toContain("run the same command again once it is mended");
    clone.npm();
    expect(clone.run()).toMatchObject({ code: 0, stdout: expect.stringContaining("task:") as string });
    expect(clone.calls()).toHaveLength(2);
  });

  test("an install that was killed half-way is not taken for a whole one", async () => {
    clone.npm(`touch '${clone.dir}/half'; exec sleep 60`);
    await clone.killed();
    expect(existsSync(join(clone.dir, "node_modules", "first-package"))).toBe(true);
    clone.npm();
    expect(clone.run()).toMatchObject({ code: 0, stdout: expect.stringContaining("task:") as string });
    expect(clone.calls()).toHaveLength(2);
  });

  test("another lock file installs again", () => {
    clone.run();
    clone.write("package-lock.json", '{ "lockfileVersion": 3 }\n');
    expect(clone.run().code).toBe(0);
    expect(clone.calls()).toHaveLength(2);
  });

  test("another lock file while offline: the packages that were there are there again, and work with their own", () => {
    clone.run();
    clone.write("node_modules/kept", "");
    clone.write("package-lock.json", '{ "lockfileVersion": 3 }\n');
    clone.npm("echo 'ENOTFOUND registry' >&2; exit 1");
    const failed = clone.run();
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toContain("The packages that were here are here again, of an earlier package-lock.json");
    expect(existsSync(join(clone.dir, "node_modules", "kept"))).toBe(true);
    clone.write("package-lock.json", "{}\n");
    expect(clone.run()).toMatchObject({ code: 0, stderr: "" });
  });

  test("killed while it installs anew, it finds the packages that were there before", async () => {
    clone.run();
    clone.write("node_modules/kept", "");
    clone.write("package-lock.json", '{ "lockfileVersion": 3 }\n');
    clone.npm(`touch '${clone.dir}/half'; exec sleep 60`);
    await clone.killed();
    expect(existsSync(join(clone.dir, "node_modules", "kept"))).toBe(false);
    clone.write("package-lock.json", "{}\n");
    expect(clone.run()).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(join(clone.dir, "node_modules", "kept"))).toBe(true);
  });

  describe("npm ci by hand", () => {
    const one = { version: "1.0.0", integrity: "sha512-a" };
    const lock = (packages: object): string => JSON.stringify({ lockfileVersion: 3, packages });
    const byHand = (packages: object): void => {
      clone.run();
      rmSync(join(clone.dir, "node_modules", ".keybuzz-install"));
      rmSync(join(clone.dir, "calls"));
      clone.write("node_modules/.package-lock.json", lock(packages));
    };
    beforeEach(() =>
      clone.write(
        "package-lock.json",
        lock({ "": {}, "node_modules/a": one, "node_modules/other-machine": { ...one, optional: true } }),
      ),
    );

    test("is taken as it is: nothing is installed, so that it needs no network", () => {
      byHand({ "node_modules/a": one });
      expect(clone.run()).toMatchObject({ code: 0, stderr: "" });
      expect(clone.calls()).toEqual([]);
    });

    test.each([
      ["of another lock file", { "node_modules/a": { ...one, version: "1.0.1" } }],
      ["without what only development needs", {}],
    ])("%s it is installed again", (_, packages) => {
      byHand(packages);
      expect(clone.run().code).toBe(0);
      expect(clone.calls()).toHaveLength(1);
    });
  });

  test("with a proxy, what runs on this machine is reached without it; other exceptions stay", () => {
    clone.npm();
    const npm = readFileSync(join(clone.dir, "path", "npm"), "utf8");
    clone.write("path/npm", npm.replace('echo "task: $*"', 'echo "$no_proxy $NO_PROXY $no_grpc_proxy"'));
    const local = "localhost,127.0.0.1,::1";
    const proxy = { https_proxy: "http://192.0.2.1:3128" };
    expect(clone.run("rehearse", undefined, proxy).stdout).toBe(`${local} ${local} ${local}\n`);
    const { stdout } = clone.run("rehearse", undefined, { ...proxy, no_proxy: ".example.org" });
    expect(stdout).toBe([1, 2, 3].map(() => `.example.org,${local}`).join(" ") + "\n");
  });

  test("packages behind a link are another project's: they are used where they fit, and never replaced", () => {
    const other = new FreshClone();
    try {
      other.run();
      symlinkSync(join(other.dir, "node_modules"), join(clone.dir, "node_modules"));
      expect(clone.run()).toMatchObject({ code: 0, stdout: expect.stringContaining("task:") as string });
      clone.write("package-lock.json", '{ "lockfileVersion": 3 }\n');
      expect(clone.run()).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("is a link, to packages of") as string,
      });
      expect(clone.calls()).toEqual([]);
      expect(existsSync(join(other.dir, "node_modules", "first-package"))).toBe(true);
    } finally {
      rmSync(other.dir, { recursive: true, force: true });
    }
  });

  test("without npm it says that npm cannot be started", () => {
    expect(clone.run("rehearse", join(clone.dir, "nowhere"))).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("npm cannot be started") as string,
    });
  });

  describe("where the pinned Node is not installed, or does not run", () => {
    beforeEach(() => {
      clone.npm();
      // What npm leaves when it cannot have an optional package: nothing at all. The task finds a Node of its own.
      const npm = readFileSync(join(clone.dir, "path", "npm"), "utf8").split("\n");
      clone.write("path/npm", npm.filter((line) => !line.includes(PINNED) || line.startsWith("mkdir")).join("\n"));
      clone.write("node_modules/tsx/package.json", "{}");
    });

    test("this machine's own runs the task where it is new enough, and one line says so", () => {
      const { stderr } = clone.run();
      expect(stderr).toContain(`Using this machine's Node ${process.version}: the pinned Node (`);
      // It has begun: there is no tsx in the clone.
      expect(stderr).toContain("tsx");
    });

    test("one that is too old is told, with what to do; nothing is run", () => {
      clone.write(
        "old.cjs",
        'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });',
      );
      const { code, stdout, stderr } = clone.run("rehearse", undefined, {
        NODE_OPTIONS: `--require ${join(clone.dir, "old.cjs")}`,
      });
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(
        /is not installed, or does not run here, and this machine's own is v.*\. Install Node 24 or later/,
      );
    });
  });

  test("an unknown task is refused before anything is installed", () => {
    const { code, stderr } = clone.run("rehearsal");
    expect(code).toBe(2);
    expect(stderr).toMatch(/Unknown task "rehearsal"\. Known: .*rehearse/);
    expect(clone.calls()).toEqual([]);
  });
});

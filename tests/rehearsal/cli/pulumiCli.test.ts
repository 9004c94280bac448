import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { findPulumi, missingPlugins, neededPlugins } from "../../../rehearsal/cli/pulumiCli";
import { ROOT } from "../../../rehearsal/cli/paths";

/** A folder in which scripts stand for an installed CLI, and for the npm package's launcher. */
class Shelf {
  readonly dir = mkdtempSync(join(tmpdir(), "keybuzz-pulumi-cli-"));
  readonly home = join(this.dir, "home");
  readonly #path: string[] = [];

  script(file: string, lines: string): string {
    const path = join(this.dir, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\necho "$0 $*" >>'${join(this.dir, "calls")}'\n${lines}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  installed(lines: string): string {
    const path = this.script("installed/pulumi", lines);
    this.#path.push(dirname(path));
    return path;
  }

  /** As npm lays it out: a link in .bin to the package's script. Run, it would download and run a script. */
  launcher(): void {
    const script = this.script("node_modules/pulumi/run.js", "echo 'Downloading pulumi' >&2; exit 1");
    writeFileSync(join(dirname(script), "package.json"), '{ "name": "pulumi", "version": "3.265.0" }');
    mkdirSync(join(this.dir, "node_modules", ".bin"));
    symlinkSync(join("..", "pulumi", "run.js"), join(this.dir, "node_modules", ".bin", "pulumi"));
    this.#path.unshift(join(this.dir, "node_modules", ".bin"));
  }

  get env(): NodeJS.ProcessEnv {
    return { PATH: [...this.#path, "/usr/bin", "/bin"].join(delimiter), PULUMI_HOME: this.home };
  }

  get calls(): readonly string[] {
    const file = join(this.dir, "calls");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }
}

let shelf: Shelf;
beforeEach(() => void (shelf = new Shelf()));
afterEach(() => rmSync(shelf.dir, { recursive: true, force: true }));

describe("the official CLI", () => {
  test("none on PATH", () => {
    // What the machine itself may have is left out.
    expect(findPulumi({ env: { PATH: shelf.dir } })).toEqual({ found: false, why: "no pulumi on PATH" });
  });

  test("an installed one is asked for its version", () => {
    const path = shelf.installed("echo v3.260.0");
    expect(findPulumi({ env: shelf.env })).toEqual({ found: true, version: "v3.260.0", path });
    expect(shelf.calls).toEqual([`${path} version`]);
  });

  test("npm's launcher is never run: without its binary it would download a script and run that", () => {
    shelf.launcher();
    const cli = findPulumi({ env: shelf.env });
    expect(cli).toMatchObject({ found: false, why: expect.stringContaining("has no binary yet") as string });
    expect(shelf.calls).toEqual([]);
  });

  test("where its binary is there, that is the one that is asked, and used", () => {
    shelf.launcher();
    const binary = shelf.script("home/versions/3.265.0/bin/pulumi", "echo v3.265.0");
    expect(findPulumi({ env: shelf.env })).toEqual({ found: true, version: "v3.265.0", path: binary });
    expect(shelf.calls).toEqual([`${binary} version`]);
    const other = shelf.script("home/versions/3.999.0/bin/pulumi", "echo v3.999.0");
    expect(findPulumi({ env: { ...shelf.env, PULUMI_VERSION: "3.999.0" } })).toMatchObject({ path: other });
  });

  test("an installed one comes before npm's, also where it is later on PATH; the first reason is told", () => {
    shelf.launcher();
    shelf.script("home/versions/3.265.0/bin/pulumi", "echo v3.265.0");
    const path = shelf.installed("echo v3.260.0");
    expect(findPulumi({ env: shelf.env })).toMatchObject({ path });
    shelf.installed("exit 3");
    rmSync(join(shelf.home, "versions"), { recursive: true });
    expect(findPulumi({ env: shelf.env })).toEqual({ found: false, why: `${path} cannot run` });
  });

  test("one that does not answer is given up", () => {
    const path = shelf.installed("exec sleep 60");
    expect(findPulumi({ env: shelf.env, limitMs: 200 })).toEqual({
      found: false,
      why: `${path} did not answer within 0.2 s`,
    });
  });
});

describe("plugins", () => {
  test("needed are those of the project's providers, in the versions of its packages", () => {
    const needed = neededPlugins(ROOT);
    expect(needed.map(({ name }) => name).sort()).toEqual(["command", "hcloud", "kubernetes", "random", "tls"]);
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    for (const { name, version } of needed) expect([name, version]).toEqual([name, dependencies[`@pulumi/${name}`]]);
  });

  const needed = [
    { name: "hcloud", version: "1.41.0" },
    { name: "tls", version: "5.6.1" },
  ];
  const plugin = (name: string, version: string, kind = "resource"): object => ({ name, kind, version, size: 1 });

  test.each<[string, string, readonly string[]]>([
    ["all there", `echo '${JSON.stringify([plugin("hcloud", "1.41.0"), plugin("tls", "5.6.1")])}'`, []],
    [
      "another version, another kind",
      `echo '${JSON.stringify([plugin("hcloud", "1.40.0"), plugin("tls", "5.6.1", "analyzer")])}'`,
      ["hcloud", "tls"],
    ],
    ["none", "echo '[]'", ["hcloud", "tls"]],
    ["no answer that can be read", "echo 'error: unknown flag'; exit 1", ["hcloud", "tls"]],
  ])("%s", (_what, lines, missing) => {
    const path = shelf.installed(lines);
    expect(missingPlugins(path, needed, { env: shelf.env }).map(({ name }) => name)).toEqual(missing);
    expect(shelf.calls).toEqual([`${path} plugin ls --json`]);
  });
});

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stand } from "./support/stand";

// What people see who have the official CLI on PATH: the first command of the README, and the CLI asked for by name.
// The CLI is a script that answers as far as it is asked.
const LIMIT = 120_000;

interface Answers {
  readonly version?: string;
  /** What `go env GOVERSION GOTOOLCHAIN` answers; undefined: there is no Go. */
  readonly go?: string;
}

class Desk {
  readonly dir = mkdtempSync(join(tmpdir(), "keybuzz-official-"));
  readonly stand: Stand;

  constructor({ version = "v3.260.0", go }: Answers) {
    mkdirSync(join(this.dir, "bin"));
    this.#script(
      "pulumi",
      `case "$*" in version) echo ${version} ;; "plugin ls --json") echo '[]' ;; *) exit 99 ;; esac`,
    );
    if (go !== undefined) this.#script("go", `printf '${go}\\nauto\\n'`);
    // Nothing else: what this machine has of its own must not decide.
    this.stand = new Stand({ PATH: join(this.dir, "bin") });
  }

  #script(name: string, line: string): void {
    const path = join(this.dir, "bin", name);
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>'${join(this.dir, "calls")}'\n${line}\n`);
    chmodSync(path, 0o755);
  }

  get calls(): readonly string[] {
    const file = join(this.dir, "calls");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  async dispose(): Promise<void> {
    await this.stand.dispose();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const NO_TRACE = /^\s+at /m;
const onLinux = process.platform === "linux" ? describe : describe.skip;

onLinux("with the official CLI on PATH, and no Kubernetes API for it", () => {
  let desk: Desk;
  afterEach(() => desk.dispose());

  test(
    "the first command works, with the embedded engine, and says why in one line",
    async () => {
      desk = new Desk({});
      const { code, stderr } = await desk.stand.run("preview", "--stack", "local", "--engine", "auto");
      expect([code, stderr]).toEqual([0, expect.any(String)]);
      const lines = stderr.split("\n").filter((line) => line.startsWith("Using "));
      expect(lines).toEqual([
        "Using the embedded engine: the Pulumi CLI v3.260.0 needs a real Kubernetes API, and Go is not on PATH (https://go.dev/dl), which builds kube-apiserver once.",
      ]);
      // It is asked for its version, and for nothing that takes long.
      expect(desk.calls).toEqual(["pulumi version"]);
    },
    LIMIT,
  );

  test(
    "asked for by name it is refused in one sentence, with the reason, and nothing is begun",
    async () => {
      desk = new Desk({});
      const { code, stdout, stderr } = await desk.stand.run("up", "--stack", "local", "--engine", "pulumi");
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr.trim().split("\n")).toEqual([
        "up of local: the program and its local cloud are started ...",
        expect.stringMatching(
          /^--engine pulumi is not possible: .*, and Go is not on PATH.*\. Without it the embedded/,
        ),
      ]);
      expect(existsSync(join(desk.stand.state, "local"))).toBe(false);
    },
    LIMIT,
  );

  test(
    "a version that the project does not take is refused the same way",
    async () => {
      desk = new Desk({ version: "v3.259.1", go: "go1.26.0" });
      const { code, stderr } = await desk.stand.run("up", "--stack", "local", "--engine", "pulumi");
      expect(code).toBe(1);
      expect(stderr).toContain('Pulumi CLI version 3.259.1 does not satisfy the version range ">=3.260.0"');
      expect(stderr).not.toMatch(NO_TRACE);
    },
    LIMIT,
  );

  test(
    "--kubernetes local with it is answered in one sentence",
    async () => {
      desk = new Desk({ go: "go1.26.0" });
      const words = ["up", "--stack", "local", "--engine", "pulumi", "--kubernetes", "local"];
      const { code, stderr } = await desk.stand.run(...words);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^--kubernetes local is not for --engine pulumi: .* leave one of the two out\n\nnpm run/);
      expect(desk.calls).toEqual([]);
    },
    LIMIT,
  );

  test(
    "a real API without the CLI is refused in one sentence, too",
    async () => {
      desk = new Desk({});
      const { code, stderr } = await desk.stand.run(
        "preview",
        "--stack",
        "local",
        "--engine",
        "embedded",
        "--kubernetes",
        "real",
      );
      expect(code).toBe(1);
      expect(stderr.trim()).toMatch(/^preview of local: .*\.\.\.\n--kubernetes real: Go is not on PATH.*$/);
    },
    LIMIT,
  );
});

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runEngine } from "@standin/pulumi-engine";
import { PROVIDERS } from "../../rehearsal/providers";
import { offlineSession } from "../pulumi/support/offline";
import { Stand } from "./support/stand";

// A machine that only deploys: the project's files, and `npm ci --omit=dev`. Even without what the stand-ins bring
// along (--workspaces=false) the program must run there as the CLI's language host runs it.
const LIMIT = 600_000;

function npmCi(dir: string, ...options: string[]): { readonly code: number | null; readonly said: string } {
  const words = ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", ...options];
  const { status, stdout, stderr } = spawnSync("npm", words, { cwd: dir, encoding: "utf8" });
  return { code: status, said: stdout + stderr };
}

describe("npm ci --omit=dev", () => {
  const stand = new Stand();
  const dir = mkdtempSync(join(tmpdir(), "keybuzz-production-"));
  afterAll(async () => {
    rmSync(dir, { recursive: true, force: true });
    await stand.dispose();
  });

  test(
    "has all that the program needs: a preview of prod, started as the CLI starts it",
    async () => {
      unlinkSync(join(stand.project, "node_modules"));
      expect(npmCi(stand.project, "--omit=dev", "--workspaces=false")).toMatchObject({ code: 0 });
      const has = (name: string): boolean => existsSync(join(stand.project, "node_modules", name));
      expect(["jest", "eslint", "pulumi", "@standin"].filter(has)).toEqual([]);
      expect(["tsx", "@pulumi/policy"].filter(has)).toEqual(["tsx", "@pulumi/policy"]);
      const session = offlineSession(dir);
      const result = await runEngine({
        command: "preview",
        start: "plain",
        projectDir: stand.project,
        stack: "prod",
        config: {
          ...session.config,
          "hcloud:token": session.env["HCLOUD_TOKEN"] ?? "",
          "hcloud:endpoint": session.env["HCLOUD_ENDPOINT"] ?? "",
        },
        secretConfigKeys: [...session.secretConfigKeys, "hcloud:token"],
        stateFile: join(dir, "state.json"),
        passphrase: session.passphrase,
        providers: PROVIDERS,
        env: session.env,
      });
      expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
      expect(result.summary.create).toBeGreaterThan(400);
    },
    LIMIT,
  );

  test("has what the policy pack needs", () => {
    const load = 'require("tsx/cjs"); console.log(require("./policy/policies.ts").policies().length)';
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", load], { cwd: stand.project, encoding: "utf8" });
    expect([stdout.trim(), stderr]).toEqual([expect.stringMatching(/^[1-9]/), ""]);
  });
});

test(
  "a Node that is not what the lock file says is not installed",
  () => {
    const dir = mkdtempSync(join(tmpdir(), "keybuzz-tampered-"));
    try {
      const { optionalDependencies } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as {
        readonly optionalDependencies: Readonly<Record<string, string>>;
      };
      const name = Object.keys(optionalDependencies).find((one) => one.endsWith(`${process.platform}-${process.arch}`));
      if (name === undefined) throw new Error("no Node is pinned for this machine");
      const only = { [name]: optionalDependencies[name] ?? "" };
      writeFileSync(join(dir, "package.json"), JSON.stringify({ optionalDependencies: only }));
      const lock = (integrity: string): void => {
        const entry = { version: only[name], integrity, optional: true };
        const packages = { "": { optionalDependencies: only }, [`node_modules/${name}`]: entry };
        writeFileSync(join(dir, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, requires: true, packages }));
      };
      const { packages } = JSON.parse(readFileSync(join(__dirname, "../../package-lock.json"), "utf8")) as {
        readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
      };
      const right = packages[`node_modules/${name}`]?.integrity ?? "";
      const node = join(dir, "node_modules", name, "bin", "node");
      lock(`sha512-${"A".repeat(86)}==`);
      npmCi(dir);
      expect(existsSync(node)).toBe(false);
      lock(right);
      expect(npmCi(dir).code).toBe(0);
      expect(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim()).toBe(`v${only[name] ?? ""}`);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
  LIMIT,
);

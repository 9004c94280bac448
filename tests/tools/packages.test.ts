import { readdirSync, readFileSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { readProject } from "@standin/pulumi-engine/program";
import { lockedPackages, manifest, pinnedNodes, ROOT } from "./support/lockFile";

describe("what is installed", () => {
  test("is what the lock file has the checksum of, wherever it comes from", () => {
    for (const [folder, { integrity, resolved, link }] of Object.entries(lockedPackages())) {
      if (link === true) continue;
      expect([folder, integrity]).toEqual([folder, expect.stringMatching(/^sha512-/)]);
      expect([folder, resolved]).toEqual([folder, undefined]);
    }
  });

  test("runs nothing: an install script may fetch what no lock file knows", () => {
    expect(readFileSync(join(ROOT, ".npmrc"), "utf8")).toMatch(/^ignore-scripts=true$/m);
  });

  test("Node is among it, for each machine that tools/run.mjs knows", () => {
    const nodes = pinnedNodes();
    expect(nodes.map(({ os, cpu }) => `${String(os)} ${String(cpu)}`).sort()).toEqual([
      "darwin arm64",
      "darwin x64",
      "linux arm64",
      "linux x64",
      "win32 x64",
    ]);
    const run = readFileSync(join(ROOT, "tools", "run.mjs"), "utf8");
    for (const { name, version = "", os, cpu } of nodes) {
      expect(run).toContain(`"${String(os)} ${String(cpu)}": "${name}"`);
      expect(Number(version.split(".")[0])).toBeGreaterThanOrEqual(24);
    }
    // The one that this runs on, and that everything was tried with.
    const own = nodes.find(({ os, cpu }) => os === process.platform && cpu === process.arch);
    if (own !== undefined) expect(process.version).toBe(`v${own.version ?? ""}`);
  });
});

describe("what a run of the program needs", () => {
  const PROGRAM = ["index.ts", "stacks", "components", "verifier", "policy"];

  function files(path: string): readonly string[] {
    if (statSync(join(ROOT, path)).isFile()) return /\.[cm]?[jt]s$/.test(path) ? [path] : [];
    return readdirSync(join(ROOT, path)).flatMap((name) => files(`${path}/${name}`));
  }

  test("is among the dependencies, so that `npm ci --omit=dev` can run it", () => {
    const { dependencies } = manifest();
    const imported = PROGRAM.flatMap(files).flatMap((file) =>
      [...readFileSync(join(ROOT, file), "utf8").matchAll(/(?:from |require\(|import\()"([^".][^"]*)"/g)].map(
        ([, specifier = ""]) => ({ file, specifier }),
      ),
    );
    expect(imported.length).toBeGreaterThan(100);
    const missing = imported.filter(({ specifier }) => {
      const name = specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
      return !isBuiltin(specifier) && !(name in dependencies);
    });
    expect(missing).toEqual([]);
    // What Pulumi.yaml has Node load before the program.
    const [flag, loader = ""] = readProject(ROOT).nodeArgs;
    expect([flag, Object.keys(dependencies)]).toEqual(["--import", expect.arrayContaining([loader])]);
  });
});

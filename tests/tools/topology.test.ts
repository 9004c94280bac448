import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

jest.setTimeout(180_000);

const ROOT = join(__dirname, "..", "..");
const dir = mkdtempSync(join(tmpdir(), "keybuzz-topology-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function topology(...args: readonly string[]): { code: number | null; stdout: string; stderr: string } {
  const command = ["--import", "tsx", "tools/topology.ts", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: ROOT, encoding: "utf8" });
  return { code: status, stdout, stderr };
}

test("a page and a file; against a graph that it has saved: nothing changes", () => {
  const [saved, out] = [join(dir, "before.json"), join(dir, "out")];
  expect(topology("--stack", "staging", "--save", saved)).toMatchObject({ code: 0, stderr: "" });
  const { code, stdout, stderr } = topology("--stack", "staging", "--before", saved, "--out", out);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/staging\.svg is written .*\n.*staging\.html is written/);
  const page = readFileSync(join(out, "staging.html"), "utf8");
  expect(page).toContain("Nothing that is drawn.");
  expect(page).toContain("staging: before and after");
  expect(readFileSync(join(out, "staging.svg"), "utf8")).toContain('<title id="picture-title">The estate staging');

  // A graph in which a machine is another one: two files alone, and the program is not asked.
  const other = join(dir, "after.json");
  writeFileSync(other, readFileSync(saved, "utf8").replace(/("serverType":")[a-z]+\d+/, "$1ccx63"));
  expect(topology("--before", saved, "--after", other, "--out", out)).toMatchObject({ code: 0 });
  expect(readFileSync(join(out, "staging.svg"), "utf8")).toMatch(/>[a-z]+\d+ → ccx63</);
  expect(statSync(saved).size).toBeGreaterThan(100_000);
});

test("bad input is 2, in words", () => {
  const broken = join(dir, "broken.json");
  writeFileSync(broken, '{"format": 99}');
  const refused: readonly (readonly [readonly string[], string])[] = [
    [["--stack", "prodd"], '--stack "prodd" is unknown; write "prod"; allowed:'],
    [["--stack", "prod", "--stack", "local"], "--stack is given twice"],
    [["--base", "main", "--before", broken], "one is allowed"],
    [["--after", broken], "--after is given without --before"],
    [["--before", broken, "--after", broken], "writes its graph in format 99"],
    [["--before", broken, "--after", join(dir, "nowhere.json")], "nowhere.json"],
  ];
  for (const [args, words] of refused) {
    const { code, stdout, stderr } = topology(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^\s+at /m);
  }
});

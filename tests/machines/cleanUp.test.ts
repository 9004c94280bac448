import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realMachinesAvailable } from "@standin/machines/real";
import { stateSummary } from "@standin/pulumi-engine";
import type { Running } from "../scenario/support/stand";
import { log } from "./support/bench";
import { CACHE, SmallEstate } from "./support/smallEstate";
import { left, traces } from "./support/traces";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

const LIMIT = 600_000;
/** For whoever tidies up when the program cannot. */
const TIDY_MS = 30_000;

(possible.ok ? describe : describe.skip)("whatever ends a rehearsal with real machines, nothing is left of it", () => {
  let estate: SmallEstate;
  let before: readonly string[];
  beforeAll(() => {
    before = traces("/nowhere");
    estate = new SmallEstate("real");
  });
  afterAll(() => estate?.dispose(), LIMIT);

  const made = (run: Running, what: RegExp): number => run.stderr.split("\n").filter((line) => what.test(line)).length;
  const known = (): number => stateSummary(join(estate.stackDir, "state.json"))?.resources.length ?? 0;

  /** An up whose first machine is configured, while others are. */
  const configuring = async (): Promise<Running> => {
    estate.change();
    const run = estate.begin();
    await run.until("a machine was configured", () => made(run, /^(create|update) Command \S+-config/) >= 1);
    return run;
  };

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s while machines boot: what is under way is finished and kept, then all is stopped",
    async (signal) => {
      const had = known();
      const run = estate.begin("--parallel", "2");
      await run.until("something was made", ({ created }) => created >= 12);
      const wanted = signal === "SIGINT" ? /^create Server / : /^create Command bastion-01-host-key/;
      await run.until("machines were up", () => made(run, wanted) >= 1);
      expect(traces(estate.dir).filter((one) => !before.includes(one))).not.toEqual([]);
      const started = Date.now();
      const { code, stderr, stdout } = await run.signal(signal);
      log(`${signal}: ended after ${((Date.now() - started) / 1000).toFixed(1)} s`);
      expect(code).toBe(1);
      expect(stderr).toContain("what is under way is finished first");
      expect(stdout).toMatch(/not begun; run the same command again/);
      // In order: nothing is left for others to do.
      expect(await left(estate.dir, before, 0)).toEqual([]);
      expect(known()).toBeGreaterThan(had);
      expect(stateSummary(join(estate.stackDir, "state.json"))?.pending).toEqual([]);
    },
    LIMIT,
  );

  test(
    "kill -9: the process in the estate's namespace tidies up",
    async () => {
      const run = await configuring();
      await run.signal("SIGKILL");
      const started = Date.now();
      expect(await left(estate.dir, before, TIDY_MS)).toEqual([]);
      log(`kill -9: nothing is left after ${((Date.now() - started) / 1000).toFixed(1)} s`);
    },
    LIMIT,
  );

  test(
    "kill -9 of that process, too: the next up tidies up, goes on and completes; a further one changes nothing",
    async () => {
      const run = await configuring();
      const wardens = traces(estate.dir).filter((one) => one.includes("real/warden.ts") && !before.includes(one));
      expect(wardens).toHaveLength(1);
      process.kill(Number(wardens[0]?.split(" ")[1]), "SIGKILL");
      await run.signal("SIGKILL");
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const orphans = await left(estate.dir, before, 0);
      // Otherwise nothing was tried.
      expect(orphans.some((one) => one.includes("systemd-nspawn"))).toBe(true);
      // As after a reboot: another process has its number.
      const leftovers = join(estate.stackDir, "machines-real", "leftovers.json");
      const known = JSON.parse(readFileSync(leftovers, "utf8")) as object;
      writeFileSync(leftovers, JSON.stringify({ ...known, pid: 1 }));

      const { code, document } = await estate.document("up", ...estate.arguments);
      expect(document.errors).toEqual([]);
      expect(document.resources.filter(({ status }) => status === "failed")).toEqual([]);
      expect(code).toBe(0);
      expect(await left(estate.dir, before, 0)).toEqual([]);
      const again = await estate.document("up", ...estate.arguments);
      expect(again.document.summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
    },
    LIMIT,
  );

  test(
    "destroy: the stack's folder is gone as well",
    async () => {
      const { code, stderr } = await estate.run("destroy", ...estate.arguments);
      expect(stderr).toContain("Nothing is left in the local cloud");
      expect(code).toBe(0);
      expect(estate.kept).toBe(false);
      expect(await left(estate.dir, before, 0)).toEqual([]);
    },
    LIMIT,
  );

  test(
    "kill -9 of a test's own process: its temporary folder is gone as well",
    async () => {
      const script = join(__dirname, "support", "fleetProcess.ts");
      const child = spawn(process.execPath, ["--import", "tsx", script, CACHE], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const stateDir = await new Promise<string>((resolve, reject) => {
        child.once("exit", () => reject(new Error("the fleet did not come up")));
        child.stdout.setEncoding("utf8").on("data", (text: string) => resolve(text.trim().replace(/^up /, "")));
      });
      expect(existsSync(join(stateDir, "1", "machine.json"))).toBe(true);
      child.kill("SIGKILL");
      expect(await left(stateDir, before, TIDY_MS)).toEqual([]);
      expect(existsSync(stateDir)).toBe(false);
    },
    LIMIT,
  );

  test(
    "kill -9 while an image is built: the build ends, and the next one removes what it had",
    async () => {
      const cacheDir = mkdtempSync(join(tmpdir(), "keybuzz-images-"));
      try {
        const build = `require(${JSON.stringify(join(__dirname, "..", "..", "packages", "machines", "src", "real", "goldenImage.ts"))})
          .goldenImage({ cacheDir: ${JSON.stringify(cacheDir)}, packages: ["hello"], log: console.log })`;
        const start = (): ReturnType<typeof spawn> =>
          spawn(process.execPath, ["--import", "tsx", "-e", build], { stdio: "ignore" });
        const images = join(cacheDir, "machines");
        const building = (): readonly string[] =>
          existsSync(images) ? readdirSync(images).filter((name) => !name.endsWith(".log")) : [];
        const until = async (condition: () => boolean): Promise<void> => {
          for (let attempt = 0; !condition(); attempt += 1) {
            if (attempt > 300) throw new Error(`not within 30 s: ${building().join()} ${traces(cacheDir).join("\n")}`);
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        };
        const first = start();
        await until(() => building().some((name) => existsSync(join(images, name, "debootstrap"))));
        first.kill("SIGKILL");
        expect(await left(cacheDir, before, TIDY_MS)).toEqual([]);
        expect(building().join()).toContain(`.building-${first.pid}`);
        const second = start();
        await until(() => building().length > 0 && building().every((name) => name.includes(`-${second.pid}`)));
        second.kill("SIGKILL");
        expect(await left(cacheDir, before, TIDY_MS)).toEqual([]);
      } finally {
        rmSync(cacheDir, { recursive: true, force: true });
      }
    },
    LIMIT,
  );
});

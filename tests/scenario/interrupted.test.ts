import { join } from "node:path";
import { lockHolder } from "@standin/pulumi-engine/lock";
import { stateSummary } from "@standin/pulumi-engine";
import { CloudView } from "./support/cloudView";
import { sampled } from "../support/whole";
import { Stand } from "./support/stand";

const LIMIT = 300_000;

/** Kills the command line's process in the middle of an up, when so many more resources have been created. */
async function killedUp(stand: Stand, stack: string, after: number): Promise<void> {
  const run = stand.startBare("up", "--stack", stack);
  await run.until(`${after} resources were created`, ({ created }) => created >= after);
  const { code } = await run.signal("SIGKILL");
  // Ended by the signal, not by itself: otherwise nothing was tried.
  expect(code).toBeNull();
}

/** The next up completes, nothing is there twice or unknown, and a further up changes nothing. */
async function expectWhole(stand: Stand, stack: string): Promise<void> {
  const { code, document } = await stand.document("up", "--stack", stack);
  expect(document.errors).toEqual([]);
  expect(document.resources.filter(({ status }) => status !== "done")).toEqual([]);
  expect(code).toBe(0);
  const view = await CloudView.open(stand, stack);
  expect(await view.mismatch()).toEqual({ orphans: [], lost: [] });
  const contents = await view.contents();
  expect(contents.length).toBeGreaterThan(50);
  expect(new Set(contents).size).toBe(contents.length);
  await view.close();
  const { resources = [], pending } = stateSummary(join(stand.state, stack, "state.json")) ?? {};
  expect(pending).toEqual([]);
  expect(resources.filter(({ condemned, incomplete }) => condemned || incomplete !== undefined)).toEqual([]);
  expect(new Set(resources.map(({ urn }) => urn)).size).toBe(resources.length);
  const again = await stand.document("up", "--stack", stack);
  expect(again.document.summary).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: resources.length });
}

describe("an interrupted up", () => {
  let stand: Stand;
  beforeEach(() => {
    stand = new Stand();
  });
  afterEach(() => stand.dispose());

  test(
    "kill -9, again and again at other places: the next up completes",
    async () => {
      // Keys, machines, configuration, workloads: each place leaves other steps half done.
      for (const more of sampled([5, 40, 60, 45], 2)) await killedUp(stand, "staging", more);
      await expectWhole(stand, "staging");
    },
    LIMIT,
  );

  test(
    "kill -9 late in prod's: the next up completes",
    async () => {
      await killedUp(stand, "prod", 200);
      await expectWhole(stand, "prod");
    },
    LIMIT,
  );

  test(
    "a second up is refused while one works; Ctrl-C ends that one in order, and the next completes",
    async () => {
      const run = stand.startBare("up", "--stack", "staging");
      await run.until("a resource was created", ({ created }) => created >= 1);
      const second = await stand.run("up", "--stack", "staging");
      expect(second.code).toBe(1);
      expect(second.stderr).toContain(`process ${run.child.pid}`);
      expect(second.stderr).toMatch(/has been working on this stack since .* Wait for it or stop it/);
      expect(second.stderr).not.toMatch(/^create /m);
      await run.until("more was created", ({ created }) => created >= 30);
      const { code, stderr, stdout } = await run.signal("SIGINT");
      expect(code).toBe(1);
      expect(stderr).toContain("what is under way is finished first");
      expect(stdout).toMatch(/not begun; run the same command again/);
      const stateFile = join(stand.state, "staging", "state.json");
      expect(lockHolder(stateFile)).toBeUndefined();
      const kept = stateSummary(stateFile);
      // In order: nothing is in doubt.
      expect(kept?.pending).toEqual([]);
      expect(kept?.resources.length).toBeGreaterThanOrEqual(30);
      await expectWhole(stand, "staging");
    },
    LIMIT,
  );
});

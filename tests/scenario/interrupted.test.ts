import { join } from "node:path";
import { lockHolder } from "@standin/pulumi-engine/lock";
import { stateSummary } from "@standin/pulumi-engine";
import { sampled } from "../support/whole";
import { expectWhole, killedUp } from "./support/interruption";
import { Stand } from "./support/stand";

const LIMIT = 300_000;

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

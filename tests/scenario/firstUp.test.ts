import { expectWhole, killedUp } from "./support/interruption";
import { Stand } from "./support/stand";

const LIMIT = 600_000;
/** As many steps at once as the CLI's default gives a machine with one core. */
const FEW = ["--parallel", "4"];

describe("a first up of prod from an empty account, four steps at once", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  test(
    "killed with -9 while keys, machines and workloads are made, it goes on each time and ends in a whole estate",
    async () => {
      for (const more of [30, 150, 120]) await killedUp(stand, "prod", more, ...FEW);
      // What a person is told between two runs: what is in doubt, and that the next up finds out.
      const { code, stdout } = await stand.run("status", "--stack", "prod");
      expect(code).toBe(0);
      expect(stdout).toMatch(/^prod: \d+ resources, last run /);
      const { outputs } = await expectWhole(stand, "prod", ...FEW);
      // One thing is left to people, and it is said in one sentence with the command.
      expect(outputs["nextSteps"]).toEqual([expect.stringContaining("keybuzz.io is not delegated to Hetzner")]);
    },
    LIMIT,
  );

  test(
    "and once more it changes nothing, however many steps at once",
    async () => {
      const { document } = await stand.document("preview", "--stack", "prod", "--parallel", "1");
      expect(document.summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
    },
    LIMIT,
  );
});

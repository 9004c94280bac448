import type { PeerDaemon } from "@standin/machines/simulated";
import type { Properties } from "@standin/pulumi-engine/provider";
import { commandProviderWith } from "@standin/pulumi-engine/providers/command";
import { demoScript, DEMO_SCRIPTS } from "./support/demoScript";
import { BASTION, DATABASE, machineSpec, run as runWith, TestFleet } from "./support/simulatedFleet";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

const APPLY = "sudo bash -s";
const WAIT = "true # waits for what was begun\n";
const SECOND = machineSpec(3, "db-02", "10.0.0.121");
/** Starts once both databases are to run it. */
const PAIRED: PeerDaemon = {
  unit: "paired.service",
  waitsFor: (_, others) =>
    others.find((one) => one.name.startsWith("db-") && one.unit("paired.service") === "absent")?.name,
};
const unit = { name: "paired.service", enabled: true, state: "running" } as const;
const waiting = demoScript({ units: [unit] });
const begun = demoScript({ units: [{ ...unit, begun: true }] });
const LATE = "paired.service has not started within 1 s: it waits for db-02";

/** As a program that knows its own scripts' lines. */
const knowing = commandProviderWith({ isShown: (line) => line.startsWith("demo: host ") });
const run = (connection: Properties, command: string, stdin: string): Promise<string> =>
  runWith(connection, command, stdin, knowing);

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await new TestFleet(() => ({
    scripts: { ...DEMO_SCRIPTS, awaits: (script) => (script === WAIT ? ["paired.service"] : []) },
    daemons: [PAIRED],
    roles: [
      {
        name: "paired",
        matches: () => true,
        onApply: async (host): Promise<Record<string, string>> =>
          host.unit("paired.service") === "started" ? { "/run/paired": "here" } : {},
        onGone: async () => undefined,
      },
    ],
    patienceSeconds: 1,
  })).start();
  await fleet.machines.create(SECOND);
});
afterEach(() => fleet.close());

const second = (): Properties => ({ ...fleet.toDatabase(), host: "10.0.0.121", hostKey: fleet.hostKey("db-02") });
const made = (): readonly (string | undefined)[] =>
  ["db-01", "db-02"].map((name) => fleet.machines.read(name, "/run/paired"));

test("a script that waits for a daemon fails while the other machine's is not there, and says for whom", async () => {
  await expect(run(fleet.toDatabase(), APPLY, waiting)).rejects.toThrow(
    `demo: host db-01: step unit/paired.service: ${LATE}; remedy: see journalctl -u paired.service on the host`,
  );
  await run(second(), APPLY, demoScript({ units: [unit] }, "db-02"));
  await run(fleet.toDatabase(), APPLY, waiting);
  expect(made()).toEqual(["here", "here"]);
});

test("one that begins it ends; both start when both are there, and who waits is told", async () => {
  await run(fleet.toDatabase(), APPLY, begun);
  expect(made()).toEqual([undefined, undefined]);
  await expect(run(fleet.toDatabase(), APPLY, WAIT)).rejects.toThrow(`demo: host db-01: ${LATE}`);
  const joined = run(fleet.toDatabase(), APPLY, WAIT);
  await run(second(), APPLY, demoScript({ units: [{ ...unit, begun: true }] }, "db-02"));
  await joined;
  expect(made()).toEqual(["here", "here"]);
});

test("what must wait starts anew after a loss of power; who never was to run it is not waited for", async () => {
  await run(fleet.toDatabase(), APPLY, begun);
  await run(second(), APPLY, demoScript({ units: [{ ...unit, begun: true }] }, "db-02"));
  await fleet.machines.power(SECOND.id, "off");
  await fleet.machines.power(2, "reset");
  await expect(run(fleet.toDatabase(), APPLY, WAIT)).rejects.toThrow(LATE);
  await fleet.machines.power(SECOND.id, "on");
  await run(fleet.toDatabase(), APPLY, WAIT);
  await expect(run(fleet.toBastion(), APPLY, WAIT)).rejects.toThrow("paired.service is not to run here");
});

test("daemons that ran when the fleet was closed run when it is opened again", async () => {
  await run(fleet.toDatabase(), APPLY, begun);
  await run(second(), APPLY, demoScript({ units: [{ ...unit, begun: true }] }, "db-02"));
  await fleet.restart([BASTION, DATABASE, SECOND]);
  await run(fleet.toDatabase(), APPLY, WAIT);
});

import { runScript, type ShellConnection } from "../../components/machines/remoteShell";
import { HOST_SCRIPTS } from "../../rehearsal/estate";
import { KEYS, OTHER_KEYS, TestFleet, USER } from "../packages/machines/support/simulatedFleet";

// What is asked of a machine around a step of Pulumi goes over SSH from the program's own process; here to simulated ones.
jest.setTimeout(60_000);

let fleet: TestFleet;
beforeEach(async () => void (fleet = await new TestFleet(() => ({ scripts: HOST_SCRIPTS })).start()));
afterEach(() => fleet.close());

const database = (): ShellConnection => ({
  host: "10.0.0.120",
  port: 22,
  user: USER,
  privateKey: KEYS.private,
  hostKey: fleet.hostKey("db-01"),
  proxy: {
    host: "127.0.0.1",
    port: fleet.machines.entry(1)?.port ?? 0,
    user: USER,
    privateKey: KEYS.private,
    hostKey: fleet.hostKey("bastion-01"),
  },
});
const run = (connection: ShellConnection, script = "true\n", dialSeconds = 0): Promise<void> =>
  runScript({ connection, script, dialSeconds, timeoutSeconds: 60 });

test("a script runs behind the bastion, and comes by standard input", async () => {
  await run(database(), "echo a-secret\n");
  const [last] = fleet.machines.history("db-01").slice(-1);
  expect([last?.command, last?.exitCode]).toEqual(["sudo timeout 60 bash -s", 0]);
});

test("one that fails is told with the machine and what it said", async () => {
  await expect(run(database(), "if\n")).rejects.toThrow(/^10\.0\.0\.120: .*step syntax: /s);
});

test("whoever is not the machine of first contact is told nothing, and not dialled again", async () => {
  const stranger = { ...database(), hostKey: OTHER_KEYS.public };
  await expect(run(stranger, "true\n", 30)).rejects.toThrow(
    "10.0.0.120 does not answer: its host key is not the one of first contact; nothing was sent to it",
  );
  expect(fleet.machines.history("db-01")).toEqual([]);
});

test("a machine that boots is dialled again; one that stays away is given up in time", async () => {
  await fleet.machines.power(2, "off");
  await expect(run(database())).rejects.toThrow(/^10\.0\.0\.120 does not answer: /);
  setTimeout(() => void fleet.machines.power(2, "on"), 500);
  await run(database(), "true\n", 30);
});

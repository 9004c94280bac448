// Who may log in to a simulated machine: whoever its own files say, as on a real one (tests/machines/waysIn.test.ts).
import { mergeHostConfigs } from "../../components/machines/mergeHostConfigs";
import { operatorAccounts, type Operator } from "../../components/machines/operators";
import { renderScript } from "../../components/machines/render";
import { sshHardening } from "../../components/machines/sshHardening";
import { takeKey } from "../../components/machines/takeKey";
import { HOST_SCRIPTS } from "../../rehearsal/estate";
import { KEYS, OTHER_KEYS, run, TestFleet, USER } from "../packages/machines/support/simulatedFleet";

jest.setTimeout(60_000);

const NONE = "it accepts none of the given keys";
const APPLY = "sudo timeout 1800 bash -s";
const ALICE: Operator = { name: "alice", publicKeys: [OTHER_KEYS.public.trim()] };

/** The script of a machine whose program logs in with these keys. */
function script(programKeys: string, operators: readonly Operator[]): string {
  const keys = Object.fromEntries(operators.map(({ name, publicKeys }) => [name, publicKeys.join("\n")]));
  const ssh = sshHardening({ keys: { [USER]: programKeys, ...keys }, firstUser: USER, forwarding: "sshOnly" });
  return renderScript(
    mergeHostConfigs("bastion-01", [
      { module: "ssh", config: ssh },
      { module: "operators", config: operatorAccounts(operators) },
    ]),
  ).script;
}

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await new TestFleet(() => ({ scripts: HOST_SCRIPTS })).start();
});
afterEach(() => fleet.close());

const as = (user: string, privateKey: string) => fleet.toBastion({ user, privateKey });
const program = () => as(USER, KEYS.private);
const alice = () => as("alice", OTHER_KEYS.private);

test("an operator has an account of their own, as long as the configuration has them", async () => {
  await expect(run(alice(), "true")).rejects.toThrow(NONE);
  await run(program(), APPLY, script(KEYS.public, [ALICE]));
  await run(alice(), "true");
  await expect(run(as("alice", KEYS.private), "true")).rejects.toThrow(NONE);
  await expect(run(as(USER, OTHER_KEYS.private), "true")).rejects.toThrow(NONE);
  await run(program(), APPLY, script(KEYS.public, []));
  await expect(run(alice(), "true")).rejects.toThrow(NONE);
  await run(program(), "true");
});

test("the program's key: the machine takes the new one by the old, then has the new one alone", async () => {
  // Before its first configuration, and after it.
  for (const configured of [false, true]) {
    if (configured) await run(program(), APPLY, script(KEYS.public, []));
    await expect(run(as(USER, OTHER_KEYS.private), "true")).rejects.toThrow(NONE);
    await run(program(), "sudo timeout 60 bash -s", takeKey({ user: USER, key: OTHER_KEYS.public.trim() }));
    await run(program(), "true");
    await run(as(USER, OTHER_KEYS.private), APPLY, script(OTHER_KEYS.public, []));
    await expect(run(program(), "true")).rejects.toThrow(NONE);
    await run(as(USER, OTHER_KEYS.private), APPLY, script(KEYS.public, []));
  }
});

test("keys that sshd would not read are none: others could change them, or the account cannot read them", async () => {
  for (const mode of ["0666", "0600"]) {
    const text = script(KEYS.public, [ALICE]);
    const path = "/etc/ssh/authorized_keys.d/alice";
    await run(program(), APPLY, text.replace(`kb_file '${path}' '644'`, `kb_file '${path}' '${mode.slice(1)}'`));
    await expect(run(alice(), "true")).rejects.toThrow(NONE);
    await run(program(), APPLY, text);
    await run(alice(), "true");
  }
});

import { join } from "node:path";
import { commandProvider } from "@standin/pulumi-engine/providers/command";
import { UNKNOWN, type Properties, type Provider, type ResourceContext } from "@standin/pulumi-engine/provider";
import { BASTION, DATABASE, KEYS, OTHER_KEYS, TestFleet } from "../../machines/support/simulatedFleet";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

const REMOTE = "command:remote:Command";
const logged: string[] = [];
const context = (more: Partial<ResourceContext> = {}): ResourceContext => ({
  urn: `urn:pulumi:prod::demo::${REMOTE}::db-01-config`,
  type: REMOTE,
  preview: false,
  signal: new AbortController().signal,
  log: (severity, message) => void logged.push(`${severity} ${message}`),
  ...more,
});

let fleet: TestFleet;
let provider: Provider;
beforeEach(async () => {
  logged.length = 0;
  fleet = await new TestFleet().start();
  provider = await commandProvider({});
});
afterEach(async () => {
  await provider.close();
  await fleet.close();
});

const run = async (inputs: Properties): Promise<Properties> => (await provider.create(context(), inputs)).outputs;
const CAT = "cat /etc/ssh/ssh_host_ed25519_key.pub";

describe("a remote command", () => {
  test("runs on the host through the bastion, its outputs without the last newline", async () => {
    const made = await provider.create(context(), { connection: fleet.toDatabase(), create: CAT });
    expect(made.id).toMatch(/^db-01-config[0-9a-f]{8}$/);
    expect(made.outputs).toMatchObject({ stdout: fleet.hostKey("db-01").trim(), stderr: "", create: CAT });
    expect((await run({ connection: fleet.toBastion(), create: CAT }))["stdout"]).toBe(
      fleet.hostKey("bastion-01").trim(),
    );
  });

  test("dials the agent of SSH_AUTH_SOCK although it has a key, and fails at once where nobody answers", async () => {
    const before = process.env["SSH_AUTH_SOCK"];
    try {
      process.env["SSH_AUTH_SOCK"] = join(fleet.stateDir, "gone");
      const connection = fleet.toDatabase({ dialErrorLimit: -1 });
      await expect(run({ connection, create: CAT })).rejects.toThrow(
        /host ops@10\.0\.0\.120:22: the SSH agent at ".*gone" does not answer \(.*ENOENT.*\); remedy: unset SSH_AUTH_SOCK/,
      );
      process.env["SSH_AUTH_SOCK"] = "";
      expect(await run({ connection: fleet.toBastion(), create: "true" })).toMatchObject({ stdout: "" });
      // As the real one: an argument that is empty is dialled.
      await expect(run({ connection: fleet.toBastion({ agentSocketPath: "" }), create: "true" })).rejects.toThrow(
        /the SSH agent at ""/,
      );
    } finally {
      if (before === undefined) delete process.env["SSH_AUTH_SOCK"];
      else process.env["SSH_AUTH_SOCK"] = before;
    }
  });

  test("logs what `logging` says", async () => {
    await run({ connection: fleet.toBastion(), create: "cloud-init status --wait", logging: "none" });
    expect(logged).toEqual([]);
    await run({ connection: fleet.toBastion(), create: "cloud-init status --wait" });
    expect(logged).toEqual(["info status: done"]);
  });

  test("on update runs update, or else create; nothing where there is neither; delete runs delete", async () => {
    const old = { id: "x", inputs: {}, outputs: { stdout: "before", stderr: "" } };
    const connection = fleet.toBastion();
    expect(
      await provider.update(context(), old, { connection, create: "true", update: "cloud-init status --wait" }),
    ).toMatchObject({ stdout: "status: done" });
    expect(await provider.update(context(), old, { connection, create: "cloud-init status --wait" })).toMatchObject({
      stdout: "status: done",
    });
    expect(await provider.update(context(), old, { connection, delete: "true" })).toMatchObject({ stdout: "before" });
    await provider.delete(context(), { ...old, inputs: { connection, delete: "sudo bash -s", stdin: "echo bye\n" } });
    await provider.delete(context(), { ...old, inputs: { connection, create: "sudo bash -s" } });
    expect(fleet.machines.history("bastion-01").map((entry) => entry.command)).toEqual(["sudo bash -s"]);
  });

  test("in a preview connects nowhere and knows no output", async () => {
    const inputs = { connection: { host: "192.0.2.1", dialErrorLimit: -1 }, create: "true" };
    expect(await provider.create(context({ preview: true }), inputs)).toEqual({
      id: "",
      outputs: { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN },
    });
    expect(
      await provider.update(context({ preview: true }), { id: "x", inputs, outputs: { stdout: "a" } }, inputs),
    ).toMatchObject({ stdout: UNKNOWN });
    await provider.delete(context({ preview: true }), { id: "x", inputs: { ...inputs, delete: "true" }, outputs: {} });
  });

  test("is replaced when triggers change, updated when anything else does", async () => {
    const inputs = { create: "true", stdin: "a", triggers: ["a", "b"], connection: { host: "one" } };
    const old = { id: "x", inputs, outputs: inputs };
    expect(await provider.diff(context(), old, inputs)).toEqual({ changes: [] });
    const news = { create: "true", stdin: "b", triggers: ["a", "c"], connection: { host: "two" } };
    expect(await provider.diff(context(), old, news)).toEqual({
      changes: [
        { path: "connection.host", kind: "update", replace: false },
        { path: "stdin", kind: "update", replace: false },
        { path: "triggers[1]", kind: "update", replace: true },
      ],
    });
    expect(await provider.diff(context(), old, { create: "true" })).toMatchObject({
      changes: [
        { path: "connection", kind: "delete" },
        { path: "stdin", kind: "delete" },
        { path: "triggers", kind: "delete", replace: true },
      ],
    });
  });

  test("keeps its connection secret", () => {
    expect(provider.secretOutputs(REMOTE)).toEqual(["connection"]);
  });
});

describe("host keys", () => {
  test.each([
    [
      "of the host",
      (): Properties => fleet.toDatabase({ hostKey: fleet.hostKey("bastion-01") }),
      /host ops@10\.0\.0\.120:22: its host key is not the expected one; remedy: /,
    ],
    [
      "of the bastion",
      (): Properties => fleet.toDatabase({}, { hostKey: fleet.hostKey("db-01") }),
      /host ops@127\.0\.0\.1:\d+: its host key is not the expected one; remedy: /,
    ],
  ])("%s are verified, without further attempts", async (_name, connection, message) => {
    const started = Date.now();
    await expect(run({ connection: { ...connection(), dialErrorLimit: -1 }, create: CAT })).rejects.toThrow(message);
    expect(Date.now() - started).toBeLessThan(5000);
  });

  test("are not verified where none is given, as with the real provider", async () => {
    const { hostKey: _none, ...connection } = fleet.toBastion();
    expect((await run({ connection, create: CAT }))["stdout"]).toContain("ssh-ed25519");
  });

  test("of a machine that suddenly has another one are refused", async () => {
    const connection = fleet.toDatabase();
    fleet.machines.setFault("db-01", { wrongHostKey: true });
    await expect(run({ connection, create: CAT })).rejects.toThrow(/its host key is not the expected one/);
  });
});

describe("failures", () => {
  const cases: readonly [string, () => Properties, RegExp][] = [
    [
      "a key that the host does not know",
      () => ({ connection: fleet.toBastion({ privateKey: OTHER_KEYS.private }), create: CAT }),
      /host 127\.0\.0\.1: step connect: .*accepts none of the given keys .*; remedy: /,
    ],
    [
      "a host that is not there",
      () => ({ connection: fleet.toDatabase({ host: "10.0.0.99" }), create: CAT }),
      /the bastion 127\.0\.0\.1:\d+ cannot reach it .*; remedy: /,
    ],
    [
      "a port that is not SSH's",
      () => ({ connection: fleet.toDatabase({ port: 5432 }), create: CAT }),
      /cannot reach it/,
    ],
    [
      "nobody at the address",
      () => ({ connection: fleet.toBastion({ port: 1 }), create: CAT }),
      /ECONNREFUSED .*; remedy: check that the machine is up/,
    ],
    [
      "a private key that is none",
      () => ({ connection: fleet.toBastion({ privateKey: "nonsense-that-is-secret" }), create: CAT }),
      /privateKey cannot be read; remedy: /,
    ],
    [
      "a command that fails",
      () => ({ connection: fleet.toBastion(), create: "rm -rf /" }),
      /step command: failed with exit status 127:\nsimulated machine bastion-01 does not know/,
    ],
  ];
  test.each(cases)("%s: names resource, host, step and remedy, and no secret", async (_name, inputs, message) => {
    const error = await run(inputs()).catch((reason: unknown) => reason as Error);
    expect(error).toBeInstanceOf(Error);
    const text = (error as Error).message;
    expect(text).toMatch(/^db-01-config: host /);
    expect(text).toMatch(message);
    expect(text).toContain("; remedy: ");
    for (const secret of [KEYS.private, OTHER_KEYS.private, "nonsense-that-is-secret"])
      expect(text).not.toContain(secret);
  });

  test("the script and its secrets are never shown, even if the host says them", async () => {
    const stdin = "echo 'hunter2hunter2'\nPASSWORD=correct-horse-battery\nif\n";
    const error = await run({ connection: fleet.toBastion(), create: "sudo timeout 60 bash -s", stdin }).catch(
      (reason: unknown) => reason as Error,
    );
    expect((error as Error).message).toMatch(/step syntax: .*; remedy: /);
    for (const secret of ["hunter2hunter2", "correct-horse-battery"])
      expect((error as Error).message + logged.join()).not.toContain(secret);
  });

  test("attempts go on until the machine is up", async () => {
    await fleet.machines.power(2, "off");
    const waiting = run({ connection: fleet.toDatabase({ dialErrorLimit: 20 }), create: CAT });
    setTimeout(() => void fleet.machines.power(2, "on"), 300);
    expect((await waiting)["stdout"]).toBe(fleet.hostKey("db-01").trim());
    expect(logged.some((line) => /^debug .*; attempt 1 of 21$/s.test(line))).toBe(true);
  });

  test("a cancelled run stops waiting at once", async () => {
    const stop = new AbortController();
    const waiting = provider.create(context({ signal: stop.signal }), {
      connection: fleet.toBastion({ port: 1, dialErrorLimit: -1 }),
      create: CAT,
    });
    setTimeout(() => stop.abort(), 200);
    await expect(waiting).rejects.toThrow(/ECONNREFUSED \(\d+ attempt\(s\), until it was cancelled\); remedy: /);
  });

  test("a limit on the time is kept, and the last reason told", async () => {
    await expect(
      provider.create(context({ timeoutSeconds: 0.3 }), {
        connection: fleet.toBastion({ port: 1, dialErrorLimit: -1 }),
        create: CAT,
      }),
    ).rejects.toThrow(/ECONNREFUSED \(\d+ attempt\(s\), until its time was over\); remedy: /);
  });
});

describe("check", () => {
  test("lists every mistake at once, and leaves unknown values for later", async () => {
    const { failures } = await provider.check(
      context(),
      { connection: { host: UNKNOWN, port: "22", dialErrorLimit: -2 }, create: 5, dir: "/", environment: { A: "b" } },
      undefined,
    );
    expect(failures.map(({ property }) => property).sort()).toEqual([
      "connection.dialErrorLimit",
      "connection.port",
      "create",
      "dir",
      "environment",
    ]);
    expect((await provider.check(context(), { connection: UNKNOWN, stdin: UNKNOWN }, undefined)).failures).toEqual([]);
  });

  test("refuses types that it does not know", () => {
    expect(() => provider.secretOutputs("command:remote:CopyFile")).toThrow(/has no command:remote:CopyFile; it has/);
  });
});

test("many hosts at once through one bastion", async () => {
  for (let id = 10; id < 40; id += 1) {
    await fleet.machines.create({
      ...DATABASE,
      id,
      name: `db-${id}`,
      privateAddresses: [{ ...DATABASE.privateAddresses[0]!, address: `10.0.1.${id}` }],
    });
  }
  const ids = Array.from({ length: 30 }, (_unused, index) => index + 10);
  const outputs = await Promise.all(
    ids.map((id) =>
      run({ connection: fleet.toDatabase({ host: `10.0.1.${id}`, hostKey: fleet.hostKey(`db-${id}`) }), create: CAT }),
    ),
  );
  expect(outputs.map((output) => output["stdout"])).toEqual(ids.map((id) => fleet.hostKey(`db-${id}`).trim()));
  expect(BASTION.publicIpv4).toBeDefined();
}, 60_000);

import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { FileSpec } from "../../../components/machines/hostConfig";
import { simulatedMachines } from "@standin/machines/simulated";
import { iniMistake, rulesMistake } from "@standin/machines/simulated/fileChecks";
import { parseCommand } from "@standin/machines/simulated/shellCommand";
import { APPLY, KEY_PATH, run, script } from "./runOnMachine";
import { BASTION, DATABASE, KEYS, machineSpec, OTHER_KEYS, TestFleet } from "./simulatedFleet";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await new TestFleet().start();
});
afterEach(() => fleet.close());

describe("who may log in", () => {
  test("the account of the user data with its keys, and nobody else", async () => {
    await expect(run(fleet.toBastion(), "true")).resolves.toBe("");
    await expect(run(fleet.toBastion({ user: "root" }), "true")).rejects.toThrow(/accepts none/);
    await expect(run(fleet.toBastion({ privateKey: OTHER_KEYS.private }), "true")).rejects.toThrow(/accepts none/);
    await expect(run(fleet.toBastion({ user: "nobody" }), "true")).rejects.toThrow(/accepts none/);
  });

  test("root with the injected keys, unless the user data disables it", async () => {
    await fleet.machines.create(machineSpec(3, "plain", "10.0.0.3", { userData: "", sshPublicKeys: [KEYS.public] }));
    const hostKey = fleet.hostKey("plain");
    await expect(run(fleet.toDatabase({ host: "10.0.0.3", user: "root", hostKey }), "true")).resolves.toBe("");
  });

  test("only those that its sshd's own files still allow", async () => {
    const file = { path: "/etc/ssh/sshd_config.d/10-keybuzz.conf", content: "AllowUsers somebody\n" };
    await run(fleet.toDatabase(), APPLY, script({ files: [file] }));
    await expect(run(fleet.toDatabase(), "true")).rejects.toThrow(/accepts none/);
  });

  test("user data that cloud-init would not understand stops the machine from coming up", async () => {
    await expect(fleet.machines.create(machineSpec(4, "bad", "10.0.0.4", { userData: "#!/bin/sh\n" }))).rejects.toThrow(
      /does not begin with/,
    );
    await expect(
      fleet.machines.create(machineSpec(4, "bad", "10.0.0.4", { userData: "#cloud-config\nusers: [{name: 5}]" })),
    ).rejects.toThrow(/is not cloud-config/);
  });
});

describe("ways in", () => {
  test("only a machine with a public interface listens, on the port that was asked for", async () => {
    expect(fleet.machines.entry(DATABASE.id)).toBeUndefined();
    expect(fleet.machines.entry(99)).toBeUndefined();
    const port = await freePort();
    const other = await new TestFleet({ entryPort: port }).start();
    expect(other.machines.entry(BASTION.id)).toEqual({ host: "127.0.0.1", port });
    const third = simulatedMachines({ stateDir: join(other.stateDir, "x"), entryPort: port });
    await expect(third.create(BASTION)).rejects.toThrow(/port 127\.0\.0\.1:\d+ is in use; remedy: /);
    await third.close();
    await other.close();
  });

  test("a machine without a public interface passes nothing on, nor does a bastion that is told not to", async () => {
    const forbid = script(
      { files: [{ path: "/etc/ssh/sshd_config.d/10-keybuzz.conf", content: "AllowTcpForwarding no\n" }] },
      "bastion-01",
    );
    await run(fleet.toBastion(), APPLY, forbid);
    await expect(run(fleet.toDatabase(), "true")).rejects.toThrow(/cannot reach it/);
  });

  test("machines of another network cannot be reached", async () => {
    await fleet.machines.create(
      machineSpec(5, "far", "10.9.0.5", {
        privateAddresses: [{ networkId: 8, networkCidr: "10.9.0.0/16", address: "10.9.0.5" }],
      }),
    );
    await expect(run(fleet.toDatabase({ host: "10.9.0.5", hostKey: fleet.hostKey("far") }), "true")).rejects.toThrow(
      /cannot reach it/,
    );
  });
});

describe("a host script", () => {
  const files: readonly FileSpec[] = [
    { path: "/etc/app/config.yaml", content: "a: 1\n" },
    { path: "/etc/app/password", content: "s3cret-value", secret: true },
  ];
  const units = [
    {
      name: "app.service",
      content: "[Service]\nExecStart=/bin/true\n",
      enabled: true,
      state: "running",
      reloadOn: ["/etc/app/"],
    },
  ] as const;

  test("is kept, and reported as the real script does; the second time nothing changes", async () => {
    const text = script({ files, units, packages: [{ name: "app" }] });
    expect((await run(fleet.toDatabase(), APPLY, text)).split("\n")).toEqual([
      "keybuzz: host db-01: packages installed: app",
      "keybuzz: host db-01: file /etc/app/config.yaml written",
      "keybuzz: host db-01: file /etc/app/password written",
      "keybuzz: host db-01: file /etc/systemd/system/app.service written",
      "keybuzz: host db-01: unit app.service enabled",
      "keybuzz: host db-01: unit app.service started",
      "keybuzz: host db-01: 6 change(s)",
    ]);
    expect(await run(fleet.toDatabase(), APPLY, text)).toBe("keybuzz: host db-01: no change");
    const changed = script({
      files: [{ path: "/etc/app/config.yaml", content: "a: 2\n" }],
      units,
      packages: [{ name: "app" }],
    });
    expect(await run(fleet.toDatabase(), APPLY, changed)).toContain("unit app.service reloaded");
    expect(fleet.machines.read("db-01", "/etc/app/config.yaml")).toBe("a: 2\n");
    expect(fleet.machines.read("db-01", "/etc/app/password")).toBeUndefined();
  });

  test("leaves secrets readable by this user alone, and out of the history", async () => {
    await run(fleet.toDatabase(), APPLY, script({ files }));
    expect(statSync(join(fleet.stateDir, "db-01/fs/etc/app/password")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(fleet.stateDir, "db-01/history.jsonl"), "utf8")).not.toContain("s3cret-value");
    await expect(run(fleet.toDatabase(), "cat /etc/app/password")).rejects.toThrow(/Permission denied/);
    expect(await run(fleet.toDatabase(), "sudo cat /etc/app/password")).toBe("s3cret-value");
  });

  test.each([
    ["YAML", "/etc/app/a.yaml", "a: [1\n"],
    ["JSON", "/etc/docker/daemon.json", "{,}"],
    ["systemd", "/etc/systemd/journald.conf.d/x.conf", "Storage=persistent\n"],
    ["firewall rules", "/etc/ufw/user.rules", "*filter\n-A ufw-user-input -p tcp -j ACCEPT\n"],
    ["a shell script", "/usr/local/bin/x", "#!/bin/sh\nif true; then\n"],
  ])("with a file that is not %s is refused, by its path", async (_name, path, content) => {
    await expect(run(fleet.toDatabase(), APPLY, script({ files: [{ path, content }] }))).rejects.toThrow(
      new RegExp(`step files: ${path}: `),
    );
    expect(fleet.machines.read("db-01", path)).toBeUndefined();
  });

  test("with a secret that does not parse shows nothing of it", async () => {
    const bad = script({ files: [{ path: "/etc/app/a.json", content: '{"a": hunter2hunter2}', secret: true }] });
    const error = await run(fleet.toDatabase(), APPLY, bad).catch((reason: unknown) => reason as Error);
    expect((error as Error).message).toMatch(/\/etc\/app\/a\.json: does not parse/);
    expect((error as Error).message).not.toContain("hunter2");
  });

  test("that is cut off or no bash is refused", async () => {
    const text = script({ files });
    await expect(run(fleet.toDatabase(), APPLY, text.slice(0, -30))).rejects.toThrow(/step syntax/);
    await expect(run(fleet.toDatabase(), APPLY, text.replace("\nkb_end\n", "\nrm -rf /\n"))).rejects.toThrow(
      /step role: parseScript|parseScript/,
    );
  });

  test("fails at the step that a fault names, and passes when it is gone", async () => {
    fleet.machines.setFault("db-01", { failAtStep: "unit/app.service" });
    await expect(run(fleet.toDatabase(), APPLY, script({ files, units }))).rejects.toThrow(
      /host db-01: step unit\/app\.service: .*; remedy: /,
    );
    fleet.machines.setFault("db-01", undefined);
    await expect(run(fleet.toDatabase(), APPLY, script({ files, units }))).resolves.toContain(
      "unit app.service started",
    );
  });

  test("of another form is a task: checked, recorded, not run", async () => {
    expect(await run(fleet.toDatabase(), "sudo timeout 600 bash -s", "echo hello\n")).toMatch(/task accepted/);
    await expect(run(fleet.toDatabase(), "sudo timeout 600 bash -s", "if\n")).rejects.toThrow(/step syntax/);
    expect(fleet.machines.history("db-01").map(({ exitCode }) => exitCode)).toEqual([0, 1]);
  });
});

describe("commands", () => {
  test.each([
    ["sudo timeout 30 bash -s # abc", [{ kind: "script" }]],
    [`sudo cat ${KEY_PATH}`, [{ kind: "cat", path: KEY_PATH }]],
    [
      `sudo timeout 300 cloud-init status --wait && cat ${KEY_PATH}`,
      [{ kind: "cloudInitStatus" }, { kind: "cat", path: KEY_PATH }],
    ],
  ])("%s is known", (line, known) => expect(parseCommand(line)).toEqual(known));

  test.each([
    "reboot",
    "cat /etc/x; rm -rf /",
    "cat /a /b",
    "bash -c true",
    "cat $(id)",
    "true || reboot",
    "cat ../x",
    "",
  ])("%s is refused", (line) => expect(parseCommand(line)).toBeUndefined());

  test("a path cannot lead out of the machine", async () => {
    await expect(run(fleet.toDatabase(), "cat /../../../../etc/hostname")).rejects.toThrow(/No such file/);
  });
});

test.each([
  ["[Unit]\nA=b \\\n c d\n# x\n", undefined],
  ["A=b\n", "line 1 stands before any section"],
  ["[Unit]\nnonsense\n", "line 2 is neither a section nor an assignment"],
  ["[Unit]\nA=b \\", "the last line is continued"],
])("unit file %j: %s", (text, mistake) => expect(iniMistake(text)).toBe(mistake));

test.each([
  ["*filter\n:a - [0:0]\n-A a -p tcp -j ACCEPT\nCOMMIT\n", undefined],
  ["-A a -j ACCEPT\n", "line 1 stands outside a table"],
  ["*filter\nhello\nCOMMIT\n", "line 2 is neither a chain nor a rule"],
  ["*filter\n", "the last table has no COMMIT"],
])("rules %j: %s", (text, mistake) => expect(rulesMistake(text)).toBe(mistake));

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

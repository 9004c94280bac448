import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Properties } from "@standin/pulumi-engine/provider";
import { commandProvider, commandProviderWith } from "@standin/pulumi-engine/providers/command";
import { iniMistake, rulesMistake } from "@standin/machines/simulated/fileChecks";
import { demoScript, DEMO_SCRIPTS } from "./support/demoScript";
import { run as runWith, TestFleet } from "./support/simulatedFleet";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

const APPLY = "sudo timeout 1800 bash -s # 0123456789abcdef";

/** As a program that knows its own scripts' lines. */
const knowing = commandProviderWith({ isShown: (line) => line.startsWith("demo: host ") });
const run = (connection: Properties, command: string, stdin?: string): Promise<string> =>
  runWith(connection, command, stdin, knowing);

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await new TestFleet(() => ({ scripts: DEMO_SCRIPTS })).start();
});
afterEach(() => fleet.close());

describe("a host script", () => {
  const secret = { path: "/etc/app/password", content: "s3cret-value", mode: "600", secret: true };
  const markers = ["reload:app.service"];
  const files = [{ path: "/etc/app/config.yaml", content: "a: 1\n", markers }, secret];
  const units = [{ name: "app.service", enabled: true, state: "running" }] as const;

  test("is kept and reported; the second time nothing changes", async () => {
    const text = demoScript({ files, units, packages: ["app"] });
    expect((await run(fleet.toDatabase(), APPLY, text)).split("\n")).toEqual([
      "demo: host db-01: packages installed: app",
      "demo: host db-01: file /etc/app/config.yaml written",
      "demo: host db-01: file /etc/app/password written",
      "demo: host db-01: unit app.service enabled",
      "demo: host db-01: unit app.service started",
      "demo: host db-01: 5 change(s)",
    ]);
    expect(await run(fleet.toDatabase(), APPLY, text)).toBe("demo: host db-01: no change");
    const changed = demoScript({ files: [{ path: "/etc/app/config.yaml", content: "a: 2\n", markers }], units });
    const said = await run(fleet.toDatabase(), APPLY, changed);
    expect(said).toContain("unit app.service reloaded");
    expect(said).toContain("file /etc/app/password removed");
    expect(fleet.machines.read("db-01", "/etc/app/config.yaml")).toBe("a: 2\n");
    expect(fleet.machines.read("db-01", "/etc/app/password")).toBeUndefined();
    expect(await run(fleet.toDatabase(), APPLY, demoScript({}))).toContain("unit app.service stopped and disabled");
  });

  test("leaves secrets readable by this user alone, and out of the history", async () => {
    await run(fleet.toDatabase(), APPLY, demoScript({ files }));
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
    await expect(run(fleet.toDatabase(), APPLY, demoScript({ files: [{ path, content }] }))).rejects.toThrow(
      new RegExp(`step files: ${path}: `),
    );
    expect(fleet.machines.read("db-01", path)).toBeUndefined();
  });

  test("with a secret that does not parse shows nothing of it", async () => {
    const bad = demoScript({ files: [{ path: "/etc/app/a.json", content: '{"a": hunter2hunter2}', secret: true }] });
    const error = await run(fleet.toDatabase(), APPLY, bad).catch((reason: unknown) => reason as Error);
    expect((error as Error).message).toMatch(/\/etc\/app\/a\.json: does not parse/);
    expect((error as Error).message).not.toContain("hunter2");
  });

  test("that is no bash, or that its program cannot read, is refused", async () => {
    const text = demoScript({ files });
    await expect(run(fleet.toDatabase(), APPLY, `${text}if\n`)).rejects.toThrow(/step syntax: bash: .*; remedy: /);
    await expect(run(fleet.toDatabase(), APPLY, `${text}rm -rf /\n`)).rejects.toThrow(
      /step syntax: the script was cut off or changed; remedy: /,
    );
    expect(fleet.machines.read("db-01", "/etc/app/config.yaml")).toBeUndefined();
  });

  test("fails at the step that a fault names, and passes when it is gone", async () => {
    fleet.machines.setFault("db-01", { failAtStep: "unit/app.service" });
    await expect(run(fleet.toDatabase(), APPLY, demoScript({ files, units }))).rejects.toThrow(
      /host db-01: step unit\/app\.service: .*; remedy: /,
    );
    fleet.machines.setFault("db-01", undefined);
    await expect(run(fleet.toDatabase(), APPLY, demoScript({ files, units }))).resolves.toContain(
      "unit app.service started",
    );
  });

  test("of another form is a task: checked, recorded, not run", async () => {
    expect(await run(fleet.toDatabase(), "sudo timeout 600 bash -s", "echo hello\n")).toMatch(/task accepted/);
    await expect(run(fleet.toDatabase(), "sudo timeout 600 bash -s", "if\n")).rejects.toThrow(/step syntax/);
    expect(fleet.machines.history("db-01").map(({ exitCode }) => exitCode)).toEqual([0, 1]);
  });

  test("is a task where nobody says how to read it", async () => {
    const plain = await new TestFleet().start();
    try {
      expect(await run(plain.toDatabase(), APPLY, demoScript({ files }))).toBe(
        "host db-01: task accepted; a simulated machine checks its syntax and does not run it",
      );
      expect(plain.machines.read("db-01", "/etc/app/config.yaml")).toBeUndefined();
    } finally {
      await plain.close();
    }
  });

  test("is quoted where its lines are made to be shown; elsewhere what it was given is blotted out", async () => {
    const bad = demoScript({ files: [{ path: "/etc/app/a.yaml", content: "a: [" }] });
    await expect(run(fleet.toDatabase(), APPLY, bad)).rejects.toThrow(/:\ndemo: host db-01: step files: \/etc\/app\/a/);
    await expect(runWith(fleet.toDatabase(), APPLY, bad, commandProvider)).rejects.toThrow(
      /:\ndemo: host db-01: step files: .*\[secret\].*: /,
    );
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

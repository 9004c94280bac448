import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rabbitRevivalArgs } from "../../../components/data/rabbitRevival";
import { revivalScript } from "../../../components/data/revival";

// GNU's stat and bash's /dev/tcp, as on the hosts.
const possible = process.platform === "linux";
if (!possible) process.stderr.write("skipped: the script that looks after RabbitMQ: it needs Linux\n");

(possible ? describe : describe.skip)("the script that looks after RabbitMQ", () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "keybuzz-rabbit-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Nobody listens here. @param active is the daemon running? @param other does RabbitMQ run on another member? */
  function restarts(active: boolean, other: boolean, seenSecondsAgo?: number): boolean {
    const put = (name: string, text: string): void => {
      writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`);
      chmodSync(join(folder, name), 0o755);
    };
    put("systemctl", `echo "$*" >>${folder}/asked; [[ $1 != is-active ]] || exit ${active ? 0 : 3}`);
    put("rabbitmqctl", `echo ${String(other)}`);
    const since = join(folder, "since");
    if (seenSecondsAgo !== undefined) {
      writeFileSync(since, "");
      const at = Date.now() / 1000 - seenSecondsAgo;
      utimesSync(since, at, at);
    }
    // A port on which nobody listens stands for RabbitMQ's own.
    const script = revivalScript(rabbitRevivalArgs(["rabbit@10.0.0.2"]), since).replace(
      "/127.0.0.1/5672",
      "/127.0.0.1/1",
    );
    const done = spawnSync("bash", ["-s"], {
      input: script,
      encoding: "utf8",
      env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` },
    });
    expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: "" });
    const asked = readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
    rmSync(join(folder, "asked"));
    const [question, ...orders] = asked;
    expect(question).toBe("is-active --quiet rabbitmq-server.service");
    // Killed first: it would wait for its own start before it stops.
    const both = ["kill --signal=KILL rabbitmq-server.service", "restart rabbitmq-server.service"];
    expect([[], both]).toContainEqual(orders);
    return orders.length > 0;
  }

  test("restarts it where it should run, does not for long, and does elsewhere", () => {
    expect(restarts(true, true)).toBe(false);
    expect(existsSync(join(folder, "since"))).toBe(true);
    expect(restarts(true, true, 60)).toBe(true);
    expect(existsSync(join(folder, "since"))).toBe(false);
  });

  test("leaves alone what boots or was stopped, and a whole cluster that pauses", () => {
    expect(restarts(false, true, 60)).toBe(false);
    expect(restarts(true, false, 60)).toBe(false);
    expect(existsSync(join(folder, "since"))).toBe(false);
  });
});

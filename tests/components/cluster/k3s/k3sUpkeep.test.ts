import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renewalScript } from "../../../../components/cluster/k3s/k3sRenewal";
import { retireScript } from "../../../../components/cluster/k3s/k3sRetire";
import { reassign } from "../../../support/shellHeader";

// The scripts themselves, run by bash, with k3s and systemctl replaced by small recorders.
let directory: string;
let calls: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "upkeep-"));
  calls = join(directory, "calls");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function recorder(name: string, body: string): string {
  const path = join(directory, "bin", name);
  mkdirSync(join(directory, "bin"), { recursive: true });
  writeFileSync(path, `#!/bin/bash\necho "${name} $*" >> ${calls}\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

function run(
  script: string,
  ...args: string[]
): Promise<{ readonly code: number; readonly output: string; readonly calls: readonly string[] }> {
  const path = join(directory, "script");
  writeFileSync(path, script);
  const env = { ...process.env, PATH: `${join(directory, "bin")}:${process.env["PATH"] ?? ""}` };
  return new Promise((done) => {
    execFile("bash", [path, ...args], { env }, (error, stdout, stderr) => {
      const called = existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [];
      done({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr, calls: called });
    });
  });
}

describe("a Node that leaves", () => {
  const k3s = (node: string, drains = 0): string =>
    recorder("k3s", `case "$2 $3" in "get node") printf '%s' "${node}" ;; drain*) exit ${drains} ;; esac`);
  const verbs = (called: readonly string[]): string[] => called.map((call) => call.split(" ").slice(2, 4).join(" "));

  test("is cordoned, drained, and then deleted", async () => {
    const binary = k3s("k3s-worker-05 True");
    const outcome = await run(reassign(retireScript(), { K3S: binary, DRAIN_SECONDS: 600 }), "k3s-worker-05");
    expect(outcome.code).toBe(0);
    expect(outcome.calls.slice(1)).toEqual([
      "k3s kubectl cordon k3s-worker-05",
      "k3s kubectl drain k3s-worker-05 --ignore-daemonsets --delete-emptydir-data --timeout=600s",
      "k3s kubectl delete node k3s-worker-05 --ignore-not-found",
    ]);
  });

  test("stays when its pods do not leave: the run fails, with the way out", async () => {
    const outcome = await run(reassign(retireScript(), { K3S: k3s("k3s-worker-05 True", 1) }), "k3s-worker-05");
    expect(outcome.code).toBe(1);
    expect(outcome.output).toMatch(
      /pods did not leave k3s-worker-05 within 900 s; nothing was deleted.*kubectl get pdb/,
    );
    expect(verbs(outcome.calls)).not.toContain("delete node");
  });

  test.each(["False", "Unknown", ""])("is deleted without a drain when it is not Ready (%s)", async (ready) => {
    const outcome = await run(reassign(retireScript(), { K3S: k3s(`k3s-worker-05 ${ready}`) }), "k3s-worker-05");
    expect(outcome.code).toBe(0);
    expect(verbs(outcome.calls)).toEqual(["get node", "delete node"]);
  });

  test("may have left already", async () => {
    const outcome = await run(reassign(retireScript(), { K3S: k3s("") }), "k3s-worker-05");
    expect([outcome.code, verbs(outcome.calls)]).toEqual([0, ["get node"]]);
  });

  test("is not given up when the API cannot be asked", async () => {
    const outcome = await run(reassign(retireScript(), { K3S: recorder("k3s", "exit 1") }), "k3s-worker-05");
    expect([outcome.code, outcome.calls.length]).toEqual([1, 1]);
  });
});

describe("certificates", () => {
  const tls = (): string => join(directory, "k3s", "server", "tls");
  function certificate(file: string, days: number): void {
    mkdirSync(join(directory, "k3s", "agent"), { recursive: true });
    mkdirSync(tls(), { recursive: true });
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=k3s",
        "-days",
        String(days),
        "-keyout",
        join(directory, "key.pem"),
        "-out",
        join(directory, "k3s", file),
      ],
      { stdio: "ignore" },
    );
  }
  const server = (): string => {
    const restartAfter = join(directory, "release");
    writeFileSync(restartAfter, "v1\n");
    utimesSync(restartAfter, 1_700_000_000, 1_700_000_000);
    return reassign(renewalScript("server"), {
      RESTART_AFTER: restartAfter,
      RESTART_SCRIPT: recorder("restart-in-turn", ""),
      DIRECTORY: join(directory, "k3s"),
    });
  };
  const agent = (): string => reassign(renewalScript("agent"), { DIRECTORY: join(directory, "k3s") });

  test("with more than 90 days left are left alone, authorities always", async () => {
    certificate("server/tls/serving-kube-apiserver.crt", 120);
    certificate("server/tls/server-ca.crt", 10);
    const outcome = await run(server());
    expect(outcome).toMatchObject({ code: 0, calls: [] });
    expect(outcome.output).toContain("every certificate is good for more than 90 days");
  });

  test("that end sooner restart a server, in its turn, since a file is newer than it", async () => {
    certificate("server/tls/serving-kube-apiserver.crt", 80);
    const script = server();
    const outcome = await run(script);
    expect(outcome.calls).toEqual(["restart-in-turn"]);
    expect(outcome.output).toContain("ends within 90 days: ");
    expect(statSync(join(directory, "release")).mtimeMs).toBeGreaterThan(1_700_000_000_000);
  });

  test("that end sooner restart an agent by itself", async () => {
    certificate("agent/client-kubelet.crt", 80);
    recorder("systemctl", "");
    const outcome = await run(agent());
    expect(outcome.calls).toEqual(["systemctl restart k3s-agent.service"]);
  });

  test("in a file that cannot be read as one count as ending", async () => {
    certificate("agent/client-kubelet.crt", 120);
    writeFileSync(join(directory, "k3s", "agent", "serving-kubelet.crt"), "");
    recorder("systemctl", "");
    const outcome = await run(agent());
    expect(outcome.calls).toHaveLength(1);
  });
});

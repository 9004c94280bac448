import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restartScript } from "../../../components/cluster/k3sRestart";

// The script itself, run by bash, with curl, systemctl and k3s replaced by small recorders.
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "restart-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

interface Situation {
  /** Addresses that answer /ping. */
  readonly answering: readonly string[];
  /** Who has the turn. */
  readonly holder?: string;
  readonly heldSeconds?: number;
  /** Is the server ready after its restart? */
  readonly ready?: boolean;
  /** Did K3s start after its files changed? */
  readonly upToDate?: boolean;
}

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly restarts: number;
  /** Who has the turn afterwards. */
  readonly holder: string | undefined;
}

async function run({
  answering,
  holder,
  heldSeconds = 0,
  ready = true,
  upToDate = false,
}: Situation): Promise<Outcome> {
  const bin = join(directory, "bin");
  const turn = join(directory, "turn");
  const since = join(directory, "since");
  const restarts = join(directory, "restarts");
  const config = join(directory, "config.yaml");
  mkdirSync(bin);
  writeFileSync(config, "");
  utimesSync(config, 1_700_000_000, 1_700_000_000);
  if (holder !== undefined) {
    writeFileSync(turn, holder);
    writeFileSync(since, String(Math.floor(Date.now() / 1000) - heldSeconds));
  }
  const command = (name: string, body: string): void => {
    writeFileSync(join(bin, name), `#!/bin/bash\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  command(
    "curl",
    `for a in ${answering.join(" ")}; do case "$*" in *"https://$a:6443/ping") printf pong; exit 0 ;; esac; done; exit 7`,
  );
  command(
    "systemctl",
    `case "$1" in
      show) echo "${upToDate ? "Sun 2026-11-22 10:00:00 UTC" : "Sun 2020-11-22 10:00:00 UTC"}" ;;
      restart) echo x >> ${restarts} ;;
    esac`,
  );
  command(
    "k3s",
    `shift 3
    case "$1 $2" in
      "create configmap") [ ! -e ${turn} ] || exit 1; for a in "$@"; do case "$a" in --from-literal=holder=*) printf %s "\${a#*holder=}" > ${turn} ;; --from-literal=since=*) printf %s "\${a#*since=}" > ${since} ;; esac; done ;;
      "get configmap") case "$*" in *holder*) cat ${turn} ;; *) cat ${since} ;; esac ;;
      "delete configmap") rm -f ${turn} ${since} ;;
      "get --raw") ${ready ? "exit 0" : "exit 1"} ;;
      *) exit 64 ;;
    esac`,
  );
  const script = restartScript({
    host: "k3s-master-02",
    others: [
      { name: "k3s-master-01", address: "10.0.0.100" },
      { name: "k3s-master-03", address: "10.0.0.102" },
    ],
    files: [config, join(directory, "absent")],
    turnSeconds: 0,
    readySeconds: 0,
    pauseSeconds: 0,
  }).replaceAll("/usr/local/bin/k3s", join(bin, "k3s"));
  const path = join(directory, "script");
  writeFileSync(path, script);
  return new Promise((done) => {
    execFile(
      "bash",
      [path],
      { env: { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}` } },
      (error, stdout, stderr) => {
        done({
          code: error === null ? 0 : Number(error.code ?? 1),
          output: stdout + stderr,
          restarts: existsSync(restarts) ? readFileSync(restarts, "utf8").trim().split("\n").length : 0,
          holder: existsSync(turn) ? readFileSync(turn, "utf8") : undefined,
        });
      },
    );
  });
}

const ALL = ["127.0.0.1", "10.0.0.100", "10.0.0.102"];

test("takes its turn, restarts, gives the turn back", async () => {
  expect(await run({ answering: ALL })).toMatchObject({ code: 0, restarts: 1, holder: undefined });
});

test("restarts nothing when K3s started after its files changed", async () => {
  expect(await run({ answering: ALL, upToDate: true })).toMatchObject({ code: 0, restarts: 0, holder: undefined });
});

test("does not restart while another has its turn, and names it", async () => {
  const outcome = await run({ answering: ALL, holder: "k3s-master-01", heldSeconds: 60 });
  expect(outcome).toMatchObject({ code: 1, restarts: 0, holder: "k3s-master-01" });
  expect(outcome.output).toContain("waiting for k3s-master-01");
});

test("goes on with its own turn after an interruption", async () => {
  expect(await run({ answering: ALL, holder: "k3s-master-02" })).toMatchObject({
    code: 0,
    restarts: 1,
    holder: undefined,
  });
});

test("does not restart while another server is down: that would cost the majority", async () => {
  const outcome = await run({ answering: ["127.0.0.1", "10.0.0.100"] });
  expect(outcome).toMatchObject({ code: 1, restarts: 0, holder: undefined });
  expect(outcome.output).toContain("k3s-master-03, which does not answer");
});

test("a server that does not get ready keeps the turn, so that the roll-out stops there", async () => {
  const outcome = await run({ answering: ALL, ready: false });
  expect(outcome).toMatchObject({ code: 1, restarts: 1, holder: "k3s-master-02" });
  expect(outcome.output).toContain("k3s-master-02 is not ready");
});

test("a server whose own API is down is restarted without a turn, whoever has it", async () => {
  expect(await run({ answering: ["10.0.0.100"], holder: "k3s-master-01" })).toMatchObject({
    code: 0,
    restarts: 1,
    holder: "k3s-master-01",
  });
});

test("an abandoned turn is cleared after an hour", async () => {
  const outcome = await run({ answering: ALL, holder: "k3s-master-01", heldSeconds: 3601 });
  // This look clears it, the next one takes it; with no time to wait there is no next one.
  expect(outcome).toMatchObject({ restarts: 0, holder: undefined });
});

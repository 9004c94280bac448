import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restartScript } from "../../../../components/cluster/k3s/k3sRestart";
import { reassign } from "../../../support/shellHeader";

// The script itself, run by bash, with curl, systemctl and k3s replaced by small recorders.
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "restart-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const WANTED = "the-new-token";
const WANTED_RELEASE = "v1.35.4+k3s1";
const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");

interface Situation {
  /** Addresses that answer /ping. */
  readonly answering: readonly string[];
  /** Who has the turn. */
  readonly holder?: string;
  readonly heldSeconds?: number;
  /** Is the server ready after its restart? */
  readonly ready?: boolean;
  /** What it is to run with, as its file has it. Default: the secret alone. */
  readonly tokenFile?: string;
  /** Token that K3s runs with. Default: the one that it is to have. */
  readonly usedToken?: string;
  /** Does the cluster take a new token? Default true. */
  readonly takesToken?: boolean;
  /** Token whose hash the servers before have left. */
  readonly knownToken?: string;
  /** Did K3s start after its files changed? */
  readonly upToDate?: boolean;
  /** Release that runs. Default: the one that it is to have. */
  readonly release?: string;
  /** Is the binary of the wanted release there? Default true. */
  readonly staged?: boolean;
}

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly restarts: number;
  /** What was asked of the API with a request of its own, and with which credentials. */
  readonly put: string | undefined;
  /** Hash of the token that the cluster is known to have. */
  readonly mark: string | undefined;
  /** K3s' binaries that are left, and the one that starts. */
  readonly binaries: readonly string[];
  readonly leadsTo: string;
  /** Who has the turn afterwards. */
  readonly holder: string | undefined;
}

async function run({
  answering,
  tokenFile = WANTED,
  holder,
  heldSeconds = 0,
  ready = true,
  upToDate = false,
  usedToken = WANTED,
  takesToken = true,
  knownToken,
  release = WANTED_RELEASE,
  staged = true,
}: Situation): Promise<Outcome> {
  const bin = join(directory, "bin");
  const turn = join(directory, "turn");
  const since = join(directory, "since");
  const restarts = join(directory, "restarts");
  const config = join(directory, "config.yaml");
  const [token, used, put, mark] = ["token", "used", "put", "mark"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
    string,
  ];
  writeFileSync(token, `${tokenFile}\n`);
  writeFileSync(used, `K10abcdef::server:${usedToken}\n`);
  if (knownToken !== undefined) writeFileSync(mark, hashOf(knownToken));
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
    `case "$*" in *v1-k3s/token) { cat; while [ $# -gt 0 ]; do [ "$1" = --data ] && cat "\${2#@}"; shift; done; } > ${put}; exit ${takesToken ? 0 : 22} ;; esac
    for a in ${answering.join(" ")}; do case "$*" in *"https://$a:6443/ping") printf pong; exit 0 ;; esac; done; exit 7`,
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
    `if [ "$1" = --version ]; then echo "k3s version ${release} (abc)"; exit 0; fi
    shift 3
    case "$1 $2 $3" in
      "get configmap k3s-server-token") cat ${mark} 2> /dev/null; exit 0 ;;
      "delete configmap k3s-server-token") rm -f ${mark}; exit 0 ;;
      "create configmap k3s-server-token") for a in "$@"; do case "$a" in --from-literal=sha256=*) printf %s "\${a#*sha256=}" > ${mark} ;; esac; done; exit 0 ;;
    esac
    case "$1 $2" in
      "create configmap") [ ! -e ${turn} ] || exit 1; for a in "$@"; do case "$a" in --from-literal=holder=*) printf %s "\${a#*holder=}" > ${turn} ;; --from-literal=since=*) printf %s "\${a#*since=}" > ${since} ;; esac; done ;;
      "get configmap") case "$*" in *holder*) cat ${turn} ;; *) cat ${since} ;; esac ;;
      "delete configmap") rm -f ${turn} ${since} ;;
      "get --raw") ${ready ? "exit 0" : "exit 1"} ;;
      *) exit 64 ;;
    esac`,
  );
  // The same commands, of the release that is wanted.
  const next = join(bin, `k3s-${WANTED_RELEASE}`);
  if (staged) command(`k3s-${WANTED_RELEASE}`, readFileSync(join(bin, "k3s"), "utf8").replace(release, WANTED_RELEASE));
  command("k3s-v1.33.1+k3s1", "");
  const script = reassign(
    restartScript({
      host: "k3s-master-02",
      others: [
        { name: "k3s-master-01", address: "10.0.0.100" },
        { name: "k3s-master-03", address: "10.0.0.102" },
      ],
      files: [config, join(directory, "absent")],
      release: { version: WANTED_RELEASE },
    }),
    {
      TURN_SECONDS: 0,
      READY_SECONDS: 0,
      PAUSE_SECONDS: 0,
      TOKEN: token,
      USED_TOKEN: used,
      K3S: join(bin, "k3s"),
      STAGED: next,
    },
  );
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
          put: existsSync(put) ? readFileSync(put, "utf8") : undefined,
          mark: existsSync(mark) ? readFileSync(mark, "utf8") : undefined,
          binaries: readdirSync(bin).filter((name) => name.startsWith("k3s")),
          leadsTo: lstatSync(join(bin, "k3s")).isSymbolicLink() ? realpathSync(join(bin, "k3s")) : "itself",
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

describe("another release", () => {
  const another = { answering: ALL, upToDate: true, release: "v1.34.2+k3s1" };

  test("takes its binary's place in the server's turn, and what is older goes", async () => {
    const outcome = await run(another);
    expect(outcome).toMatchObject({ code: 0, restarts: 1, holder: undefined });
    expect(outcome.leadsTo).toMatch(/k3s-v1\.35\.4\+k3s1$/);
    expect(outcome.binaries).toEqual(["k3s", "k3s-v1.35.4+k3s1"]);
  });

  test("starts nowhere while another server has its turn", async () => {
    const outcome = await run({ ...another, holder: "k3s-master-01", heldSeconds: 60 });
    expect(outcome).toMatchObject({ code: 1, restarts: 0, leadsTo: "itself" });
  });

  test("whose binary is not there touches nothing", async () => {
    const outcome = await run({ ...another, staged: false });
    expect(outcome).toMatchObject({ code: 1, restarts: 0, leadsTo: "itself" });
    expect(outcome.output).toContain("is not on k3s-master-02; pulumi up brings it");
  });
});

describe("a new server token", () => {
  test("is made known to the cluster by the first server, before it restarts, and never in a command line", async () => {
    const outcome = await run({ answering: ALL, usedToken: "the-old-token" });
    expect(outcome).toMatchObject({ code: 0, restarts: 1, holder: undefined, mark: hashOf(WANTED) });
    expect(outcome.put).toBe(`user = "server:the-old-token"\n{"newToken":"the-new-token"}`);
    expect(outcome.output).not.toMatch(/the-(old|new)-token/);
  });

  test("is known already to those that come after", async () => {
    const outcome = await run({ answering: ALL, usedToken: "the-old-token", knownToken: WANTED });
    expect(outcome).toMatchObject({ code: 0, restarts: 1, put: undefined });
  });

  test("that the cluster does not take restarts nobody, and keeps the turn", async () => {
    const outcome = await run({ answering: ALL, usedToken: "the-old-token", takesToken: false });
    expect(outcome).toMatchObject({ code: 1, restarts: 0, holder: "k3s-master-02", mark: undefined });
    expect(outcome.output).toContain("k3s-master-02 keeps running with the old one");
  });

  const LONG = `K10${"0".repeat(64)}::server:${WANTED}`;

  test("that names the authority is no new one while its secret is the same", async () => {
    const outcome = await run({ answering: ALL, tokenFile: LONG });
    expect(outcome).toMatchObject({ code: 0, restarts: 1, put: undefined, mark: hashOf(WANTED) });
  });

  test("that names the authority is told to the cluster as its secret alone", async () => {
    const outcome = await run({ answering: ALL, tokenFile: LONG, usedToken: "the-old-token" });
    expect(outcome.put).toBe(`user = "server:the-old-token"\n{"newToken":"the-new-token"}`);
  });

  test("that was given before an interruption is only noted", async () => {
    const outcome = await run({ answering: ALL, knownToken: "an-older-one" });
    expect(outcome).toMatchObject({ code: 0, restarts: 1, put: undefined, mark: hashOf(WANTED) });
  });
});

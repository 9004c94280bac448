import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync, chmodSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { membershipScript } from "../../../components/cluster/k3sMembership";

// The guard itself, run by bash; only curl is replaced, and the servers around it are sockets on loopback.
let directory: string;
let responder: Server | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "membership-"));
});

afterEach(async () => {
  const running = responder;
  responder = undefined;
  if (running !== undefined) await new Promise((done) => running.close(done));
  rmSync(directory, { recursive: true, force: true });
});

/** Another server that says `answer`; its port. */
async function otherServer(answer: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(`${answer}\n`);
  });
  responder = server;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const port = await otherServer("");
  const server = responder;
  responder = undefined;
  await new Promise((done) => server?.close(done));
  return port;
}

interface Situation {
  readonly mayInitialise?: boolean;
  readonly apiAnswers?: boolean;
  readonly port: number;
  readonly others?: readonly { readonly name: string; readonly address: string }[];
  readonly member?: boolean;
  readonly tombstone?: boolean;
  readonly earlierDecision?: string;
}

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly decision: string | undefined;
}

async function run(situation: Situation, verb = "decide"): Promise<Outcome> {
  const etcdDirectory = join(directory, "etcd");
  const decisionFile = join(directory, "config.yaml.d", "10-membership.yaml");
  if (situation.member === true) mkdirSync(join(etcdDirectory, "member", "wal"), { recursive: true });
  if (situation.tombstone === true) writeFileSync(join(etcdDirectory, "tombstone"), "");
  if (situation.earlierDecision !== undefined) {
    mkdirSync(join(directory, "config.yaml.d"));
    writeFileSync(decisionFile, `${situation.earlierDecision}\n`);
  }
  const bin = join(directory, "bin");
  mkdirSync(bin);
  writeFileSync(
    join(bin, "curl"),
    situation.apiAnswers === true
      ? '#!/bin/sh\ncase "$*" in *https://10.0.0.10:6443/ping) printf pong ;; *) exit 22 ;; esac\n'
      : "#!/bin/sh\nexit 7\n",
  );
  chmodSync(join(bin, "curl"), 0o755);
  const script = join(directory, "k3s-membership");
  writeFileSync(
    script,
    membershipScript({
      mayInitialise: situation.mayInitialise ?? true,
      joinUrl: "https://10.0.0.10:6443",
      others: situation.others ?? [{ name: "k3s-master-02", address: "127.0.0.1" }],
      waitSeconds: 0,
      pauseSeconds: 0,
      etcdDirectory,
      decisionFile,
      port: situation.port,
    }),
  );
  return new Promise((done) => {
    execFile(
      "bash",
      [script, verb],
      { env: { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}` } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code ?? 1);
        const decision = existsSync(decisionFile) ? readFileSync(decisionFile, "utf8").trim() : undefined;
        done({ code, output: stdout + stderr, decision });
      },
    );
  });
}

describe("the membership guard", () => {
  test("the first server initialises when every other says that it is empty", async () => {
    const outcome = await run({ port: await otherServer("empty") });
    expect(outcome).toMatchObject({ code: 0, decision: "cluster-init: true" });
  });

  test("a single server initialises at once", async () => {
    expect(await run({ port: 1, others: [] })).toMatchObject({ code: 0, decision: "cluster-init: true" });
  });

  test("a replaced first server joins where the API answers", async () => {
    const outcome = await run({ port: await otherServer("member"), apiAnswers: true });
    expect(outcome).toMatchObject({ code: 0, decision: "server: https://10.0.0.10:6443" });
  });

  test("a replaced first server joins, and does not initialise, while the API is down but another holds a member", async () => {
    const outcome = await run({ port: await otherServer("member") });
    expect(outcome).toMatchObject({ code: 0, decision: "server: https://10.0.0.10:6443" });
  });

  test("silence of another server is no proof: nothing is initialised, and the message names it", async () => {
    const outcome = await run({ port: await closedPort() });
    expect(outcome.code).toBe(1);
    expect(outcome.decision).toBeUndefined();
    expect(outcome.output).toContain("k3s-master-02");
    expect(outcome.output).toContain("nothing was initialised");
  });

  test("one empty and one silent server are not enough", async () => {
    const port = await otherServer("empty");
    const others = [
      { name: "k3s-master-02", address: "127.0.0.1" },
      { name: "k3s-master-03", address: "192.0.2.1.invalid" },
    ];
    const outcome = await run({ port, others });
    expect(outcome).toMatchObject({ code: 1, decision: undefined });
    expect(outcome.output).toContain("k3s-master-03");
    expect(outcome.output).not.toContain("k3s-master-02");
  });

  test("nonsense from another server is no proof either", async () => {
    expect(await run({ port: await otherServer("HTTP/1.1 200") })).toMatchObject({ code: 1, decision: undefined });
  });

  test("another than the first never initialises, however empty all are", async () => {
    const outcome = await run({ port: await otherServer("empty"), mayInitialise: false });
    expect(outcome).toMatchObject({ code: 1, decision: undefined });
  });

  test("a server with a member keeps it: neither option, whatever the network says", async () => {
    const outcome = await run({ port: await closedPort(), member: true, earlierDecision: "cluster-init: true" });
    expect(outcome).toMatchObject({ code: 0, decision: "{}" });
  });

  test("a member that was removed from its cluster (tombstone) joins again", async () => {
    const outcome = await run({ port: await otherServer("member"), member: true, tombstone: true });
    expect(outcome).toMatchObject({ code: 0, decision: "server: https://10.0.0.10:6443" });
  });

  test("an earlier decision to initialise does not outlive the lost data", async () => {
    const outcome = await run({ port: await closedPort(), earlierDecision: "cluster-init: true" });
    expect(outcome).toMatchObject({ code: 1, decision: undefined });
  });
});

describe("the answer to other servers", () => {
  test.each([
    [{ member: true }, "member"],
    [{ member: true, tombstone: true }, "empty"],
    [{}, "empty"],
    [{ earlierDecision: "cluster-init: true" }, "member"],
    [{ earlierDecision: "server: https://10.0.0.10:6443" }, "empty"],
  ])("%j: %s", async (situation, expected) => {
    const outcome = await run({ port: 1, ...situation }, "answer");
    expect(outcome).toMatchObject({ code: 0, output: `${expected}\n` });
  });

  test("an unknown verb is refused", async () => {
    expect((await run({ port: 1 }, "reset")).code).toBe(2);
  });
});

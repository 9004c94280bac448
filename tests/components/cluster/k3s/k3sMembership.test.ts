import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync, chmodSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { membershipScript } from "../../../../components/cluster/k3s/k3sMembership";
import { reassign } from "../../../support/shellHeader";

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
    socket.resume();
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
    reassign(
      membershipScript({
        host: "k3s-master-01",
        mayInitialise: situation.mayInitialise ?? true,
        joinUrl: "https://10.0.0.10:6443",
        others: situation.others ?? [{ name: "k3s-master-02", address: "127.0.0.1" }],
        bringsAuthority: false,
      }),
      {
        ETCD: etcdDirectory,
        DECISION: decisionFile,
        TOKEN: join(directory, "token"),
        K3S: join(bin, "k3s"),
        PORT: situation.port,
        WAIT_SECONDS: 0,
        PAUSE_SECONDS: 0,
      },
    ),
  );
  return new Promise((done) => {
    const child = execFile(
      "bash",
      [script, verb],
      { env: { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}` } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code ?? 1);
        const decision = existsSync(decisionFile) ? readFileSync(decisionFile, "utf8").trim() : undefined;
        done({ code, output: stdout + stderr, decision });
      },
    );
    child.stdin?.end();
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
    expect(outcome.code).toBe(0);
    expect(outcome.output).toMatch(new RegExp(`^${expected} [0-9a-f]{32}\\n$`));
  });

  test("an unknown verb is refused", async () => {
    expect((await run({ port: 1 }, "reset")).code).toBe(2);
  });
});

describe("a replaced server is forgotten under its old name", () => {
  const TOKEN = "server-token-1";

  /** A holder: its own script behind a socket, with a k3s that records. `ready` is what the API says of the Node. */
  async function holder(
    ready: string,
    token = TOKEN,
  ): Promise<{ readonly port: number; readonly deleted: () => string }> {
    const place = join(directory, "holder");
    mkdirSync(join(place, "etcd", "member", "wal"), { recursive: true });
    writeFileSync(join(place, "token"), `${token}\n`);
    const log = join(place, "deleted");
    const k3s = join(place, "k3s");
    writeFileSync(k3s, `#!/bin/bash\ncase "$2" in get) printf %s "${ready}" ;; delete) echo "$4" >> ${log} ;; esac\n`);
    chmodSync(k3s, 0o755);
    const script = join(place, "k3s-membership");
    writeFileSync(
      script,
      reassign(
        membershipScript({
          host: "k3s-master-02",
          mayInitialise: false,
          joinUrl: "https://10.0.0.10:6443",
          others: [{ name: "k3s-master-01", address: "127.0.0.1" }],
          bringsAuthority: false,
        }),
        { ETCD: join(place, "etcd"), DECISION: join(place, "decision"), TOKEN: join(place, "token"), K3S: k3s },
      ),
    );
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const answering = spawn("bash", [script, "answer"], { stdio: ["pipe", "pipe", "ignore"] });
      socket.on("error", () => undefined);
      answering.stdin.on("error", () => undefined);
      socket.pipe(answering.stdin);
      answering.stdout.pipe(socket);
    });
    responder = server;
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return { port: address.port, deleted: () => (existsSync(log) ? readFileSync(log, "utf8").trim() : "") };
  }

  test("by a holder, whose API knows it as not ready; then it joins", async () => {
    const { port, deleted } = await holder("Unknown");
    writeFileSync(join(directory, "token"), `${TOKEN}\n`);
    const outcome = await run({ port, apiAnswers: true });
    expect(outcome).toMatchObject({ code: 0, decision: "server: https://10.0.0.10:6443" });
    expect(outcome.output).toContain("k3s-master-02 has forgotten any earlier k3s-master-01");
    expect(deleted()).toBe("k3s-master-01");
  });

  test("not while that Node is Ready", async () => {
    const { port, deleted } = await holder("True");
    writeFileSync(join(directory, "token"), `${TOKEN}\n`);
    expect(await run({ port, apiAnswers: true })).toMatchObject({
      code: 0,
      decision: "server: https://10.0.0.10:6443",
    });
    expect(deleted()).toBe("");
  });

  test("not for somebody who does not know the server token", async () => {
    const { port, deleted } = await holder("Unknown", "another-token");
    writeFileSync(join(directory, "token"), `${TOKEN}\n`);
    await run({ port, apiAnswers: true });
    expect(deleted()).toBe("");
  });

  test.each(["k3s-master-02", "k3s-worker-01", "--all"])("not for %s, which is no other server", async (name) => {
    const { port, deleted } = await holder("Unknown");
    const said = await new Promise<string>((done, failed) => {
      const socket = connect(port, "127.0.0.1");
      let heard = "";
      socket.on("error", failed);
      socket.on("data", (data) => {
        const first = heard === "";
        heard += data.toString();
        if (!first) return;
        const nonce = heard.trim().split(" ")[1] ?? "";
        const proof = createHash("sha256").update(`${TOKEN}\n forget ${name} ${nonce} ${TOKEN}\n`).digest("hex");
        socket.end(`forget ${name} ${proof}\n`);
      });
      socket.on("close", () => done(heard));
    });
    expect(said).toMatch(/\nrefused\n$/);
    expect(deleted()).toBe("");
  });

  test("a server that has its data asks for nothing", async () => {
    const { port, deleted } = await holder("Unknown");
    writeFileSync(join(directory, "token"), `${TOKEN}\n`);
    expect(await run({ port, apiAnswers: true, member: true })).toMatchObject({ code: 0, decision: "{}" });
    expect(deleted()).toBe("");
  });
});

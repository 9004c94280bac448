import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { etcdMembershipScript } from "../../../../components/data/postgres/etcdMembership";
import { reassign } from "../../../support/shellHeader";

// bash's /dev/tcp, and addresses beyond 127.0.0.1.
const possible = process.platform === "linux";
if (!possible) process.stderr.write("skipped: the script that starts a member of etcd: it needs Linux\n");

const MEMBERS = [2, 3, 4].map((n) => ({ name: `db-0${n - 1}`, address: `127.0.0.${n}` }));
const [HOST = { name: "", address: "" }] = MEMBERS;
const peer = (n: number): string => `https://127.0.0.${n}:2380`;
const client = (n: number): string => `https://127.0.0.${n}:2379`;

type Word = "empty" | "beginning" | "member";
/** What another member's machine answers; "mute": nothing. */
type Peer = Word | "mute";

interface Case {
  readonly peers: readonly [Peer, Peer];
  /** Does this member have data? Default: no. */
  readonly data?: boolean;
  /** Lines of the cluster's list, the others' excepted, as etcdctl prints them. Default: none. */
  readonly mine?: string;
  /** Is there a majority among the others? Default true. */
  readonly majority?: boolean;
  /** A call of etcdctl that fails. Default: none. */
  readonly refuses?: "remove" | "add";
}

interface Outcome {
  readonly code: number | null;
  readonly said: string;
  /** Settings that win over the configuration's. */
  readonly decision: string | undefined;
  readonly beginning: boolean;
  /** Changes of the membership, as asked for. */
  readonly calls: readonly string[];
}

(possible ? describe : describe.skip)("the script before each start of a member of etcd", () => {
  let folder: string;
  let port: number;
  const servers: Server[] = [];

  const listen = (address: string, at: number, word?: Word): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.end(word === undefined ? "" : `${word}\n`);
      });
      server.once("error", reject).listen(at, address, () => resolve(server));
    });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "keybuzz-etcd-"));
    const free = await listen("0.0.0.0", 0);
    ({ port } = free.address() as AddressInfo);
    await new Promise((resolve) => free.close(resolve));
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
    rmSync(folder, { recursive: true, force: true });
  });

  const path = (name: string): string => join(folder, name);
  const script = (): string =>
    reassign(etcdMembershipScript(HOST, MEMBERS), {
      DATA: path("data"),
      DECISION: path("decision"),
      BEGINNING: path("beginning"),
      STATE_PORT: port,
      WAIT_SECONDS: 1,
      PAUSE_SECONDS: 0.1,
    });

  const run = async (verb: string): Promise<{ readonly code: number | null; readonly said: string }> => {
    const child = spawn("bash", ["-s", verb], {
      env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.stdin.end(script());
    return { code: await new Promise((resolve) => child.once("close", resolve)), said };
  };

  async function decide({ peers, data = false, mine = "", majority = true, refuses }: Case): Promise<Outcome> {
    if (data) mkdirSync(path("data/member/wal"), { recursive: true });
    for (const [index, word] of peers.entries())
      if (word !== "mute") servers.push(await listen(MEMBERS[index + 1]?.address ?? "", port, word));
    const others = [3, 4].map((n) => `${n}, started, db-0${n - 1}, ${peer(n)}, ${client(n)}`);
    writeFileSync(path("list"), `${[mine, ...others].filter((line) => line !== "").join("\n")}\n`);
    // Without a majority the real one still prints a list, which may be old, and changes nothing.
    writeFileSync(
      path("etcdctl"),
      `#!/bin/bash
[[ $ETCDCTL_API == 3 && $ETCDCTL_CACERT && $ETCDCTL_CERT && $ETCDCTL_KEY ]] || exit 9
while [[ $1 == --* ]]; do shift; done
case "$1 $2" in
  "endpoint health") ${majority} ;;
  "member list") cat '${path("list")}' ;;
  "member remove" | "member add")
    [[ $2 == '${refuses ?? ""}' ]] && exit 1
    echo "$2 \${*:3}" >>'${path("calls")}'
    ${majority} ;;
esac
`,
    );
    chmodSync(path("etcdctl"), 0o755);
    const read = (name: string): string | undefined =>
      existsSync(path(name)) ? readFileSync(path(name), "utf8").trim() : undefined;
    const { code, said } = await run("decide");
    const calls = read("calls")?.split("\n") ?? [];
    return { code, said, decision: read("decision"), beginning: existsSync(path("beginning")), calls };
  }

  const LOST = `2f, started, db-01, ${peer(2)}, ${client(2)}`;
  const ADDED = `2f, unstarted, , ${peer(2)}, `;
  const EXPECTED = `2f, started, db-01, ${peer(2)}, `;
  const JOINS = {
    code: 0,
    beginning: false,
    decision: `ETCD_INITIAL_CLUSTER=db-02=${peer(3)},db-03=${peer(4)},db-01=${peer(2)}\nETCD_INITIAL_CLUSTER_STATE=existing`,
  };
  const AS_CONFIGURED = { code: 0, beginning: false, decision: undefined, calls: [] };
  const ADDS = `add db-01 --peer-urls=${peer(2)}`;

  test.each<[string, Case, Partial<Outcome>]>([
    ["it has its data, whatever the others say", { data: true, peers: ["mute", "empty"] }, AS_CONFIGURED],
    ["nobody has data: it begins", { peers: ["empty", "empty"] }, { ...AS_CONFIGURED, beginning: true }],
    ["others begin, too: it begins", { peers: ["beginning", "empty"] }, { ...AS_CONFIGURED, beginning: true }],
    ["its data is lost", { peers: ["member", "member"], mine: LOST }, { ...JOINS, calls: ["remove 2f", ADDS] }],
    ["one of the others is off", { peers: ["mute", "member"], mine: LOST }, { ...JOINS, calls: ["remove 2f", ADDS] }],
    ["taken out, and cut off before it was added", { peers: ["member", "member"] }, { ...JOINS, calls: [ADDS] }],
    ["added, and cut off before it started", { peers: ["member", "mute"], mine: ADDED }, { ...JOINS, calls: [] }],
    ["late in the first hour", { peers: ["member", "beginning"], mine: EXPECTED }, AS_CONFIGURED],
  ])("%s", async (_name, one, expected) => {
    expect(await decide(one)).toMatchObject(expected);
  });

  test.each<[string, Case, string]>([
    ["a machine does not answer", { peers: ["mute", "empty"] }, "Does not say whether it has data: db-02;"],
    ["nobody answers", { peers: ["mute", "mute"] }, "Does not say whether it has data: db-02 db-03;"],
    [
      "no majority",
      { peers: ["member", "empty"], mine: LOST, majority: false },
      "does not let this member join: db-02",
    ],
    ["not taken out", { peers: ["member", "member"], mine: LOST, refuses: "remove" }, "this member join: db-02 db-03"],
    ["not added", { peers: ["member", "member"], refuses: "add" }, "this member join: db-02 db-03"],
  ])("does not start, and says for whom: %s", async (_name, one, why) => {
    const outcome = await decide(one);
    expect(outcome).toMatchObject({ code: 1, decision: undefined, beginning: false });
    expect(outcome.calls).toEqual([]);
    expect(outcome.said).toContain(why);
  });

  test("answers what it has; with a majority the first hour is over", async () => {
    expect((await run("answer")).said).toBe("empty\n");
    mkdirSync(path("data/member/wal"), { recursive: true });
    expect((await run("answer")).said).toBe("member\n");
    writeFileSync(path("beginning"), "");
    expect((await run("answer")).said).toBe("beginning\n");
    expect((await run("ready")).code).toBe(0);
    expect((await run("answer")).said).toBe("member\n");
    expect((await run("anything")).code).toBe(2);
  });
});

import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { galeraStartScript } from "../../../../components/data/mariadb/galeraStart";
import { reassign } from "../../../support/shellHeader";

// bash's /dev/tcp, and addresses beyond 127.0.0.1.
const possible = process.platform === "linux";
if (!possible) process.stderr.write("skipped: the script that starts a member of Galera: it needs Linux\n");

const CLUSTER = "45986ca5-e63a-11f1-a44f-2baab99a3c67";
const NONE = "00000000-0000-0000-0000-000000000000";
const MEMBERS = [2, 3, 4].map((n) => ({ name: `maria-0${n - 1}`, address: `127.0.0.${n}` }));
/** A member as others see it. "mute": its machine is on, and nobody answers there. */
type Peer = "mute" | "empty" | "served" | "synced" | { readonly at: string };

(possible ? describe : describe.skip)("the script before each start of a Galera member", () => {
  let folder: string;
  let ports: { readonly state: number; readonly replication: number };
  const servers: Server[] = [];

  const listen = (address: string, port: number, answer?: string): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        if (answer === undefined) socket.end();
        else socket.once("data", () => socket.end(answer));
      });
      server.once("error", reject).listen(port, address, () => resolve(server));
    });
  const freePort = async (): Promise<number> => {
    const server = await listen("0.0.0.0", 0);
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  };

  const closeAll = (): Promise<unknown> =>
    Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "keybuzz-galera-"));
    ports = { state: await freePort(), replication: await freePort() };
  });
  afterEach(async () => {
    await closeAll();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(rank: number, peer: Peer): Promise<void> {
    const address = MEMBERS[rank]?.address ?? "";
    if (peer === "mute") return;
    const body =
      typeof peer === "object" ? `data=yes position=${peer.at}` : peer === "empty" ? "data=no" : "data=yes position=";
    const status = peer === "synced" ? "200 OK" : "503 Service Unavailable";
    servers.push(await listen(address, ports.state, `HTTP/1.1 ${status}\r\n\r\n${body}`));
    if (peer === "served" || peer === "synced") servers.push(await listen(address, ports.replication));
  }

  interface Case {
    /** Default: the first. */
    readonly rank?: number;
    /** UUID:SEQNO; undefined: no data. */
    readonly at?: string;
    readonly safe?: boolean;
    readonly peers: readonly [Peer, Peer];
    /** What the others have become after a while. */
    readonly later?: readonly [Peer, Peer];
    /** What gvwstate.dat holds. Default: a whole view. */
    readonly view?: string;
    /** galera_new_cluster runs. */
    readonly byHand?: "by a file" | "by the environment";
    /** It gives up after so many. Default 40. */
    readonly looks?: number;
  }

  interface Outcome {
    readonly begins: boolean;
    /** Is the view of before still there? */
    readonly keeps: boolean;
    readonly code: number | null;
    readonly said: string;
  }

  async function start({ rank = 0, at, safe = false, peers, later, view, byHand, looks = 40 }: Case): Promise<Outcome> {
    const put = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const uuid = at?.split(":")[0] ?? NONE;
    put("grastate.dat", `version: 2.1\nuuid: ${uuid}\nseqno: -1\nsafe_to_bootstrap: ${safe ? 1 : 0}\n`);
    put("gvwstate.dat", view ?? "my_uuid: x\n#vwbeg\nmember: x 0\n#vwend\n");
    const environment = [
      `_WSREP_START_POSITION=--wsrep_start_position=${at ?? `${NONE}:-1`}`,
      `_WSREP_NEW_CLUSTER=${byHand === "by the environment" ? "--wsrep-new-cluster" : ""}`,
    ];
    chmodSync(put("systemctl", `#!/bin/bash\nprintf '%s\\n' '${environment.join("' '")}' {1..20000}\n`), 0o755);
    if (byHand === "by a file") put("wsrep-new-cluster", "_WSREP_NEW_CLUSTER=--wsrep-new-cluster\n");
    const others = MEMBERS.map((_, i) => i).filter((i) => i !== rank);
    const become = async (states: readonly Peer[]): Promise<void> => {
      for (const [index, peer] of states.entries()) await open(others[index] ?? 0, peer);
    };
    await become(peers);
    const host = MEMBERS[rank];
    if (host === undefined) throw new Error("no such member");
    const script = reassign(galeraStartScript({ host, members: MEMBERS }), {
      begin: join(folder, "begin"),
      position: join(folder, "position"),
      data: folder,
      run: folder,
      state_port: ports.state,
      replication_port: ports.replication,
    })
      .replaceAll("sleep 1\n", "sleep 0.01\n")
      .replace("SECONDS < wait_seconds", `looks++ < ${looks}`);
    const child = spawn("bash", ["-s"], {
      env: { ...process.env, looks: "0", PATH: `${folder}:${process.env["PATH"] ?? ""}` },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.stdin.end(script);
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    if (later !== undefined) {
      // It has looked at least once.
      while (!existsSync(join(folder, "position"))) await new Promise((resolve) => setTimeout(resolve, 20));
      await new Promise((resolve) => setTimeout(resolve, 400));
      await closeAll();
      await become(later);
    }
    const code = await ended;
    const begins = existsSync(join(folder, "begin"));
    if (begins) {
      expect(readFileSync(join(folder, "begin"), "utf8")).toBe("_WSREP_NEW_CLUSTER=--wsrep-new-cluster\n");
      expect(readFileSync(join(folder, "grastate.dat"), "utf8")).toContain("safe_to_bootstrap: 1");
    }
    return { begins, keeps: existsSync(join(folder, "gvwstate.dat")), code, said };
  }

  const at = (seqno: number): { readonly at: string } => ({ at: `${CLUSTER}:${seqno}` });
  const BEGINS = { begins: true, keeps: false, code: 0 };
  const JOINS = { begins: false, keeps: false, code: 0 };
  const WAITS = { begins: false, code: 1 };

  test.each<[string, Case, Partial<Outcome>]>([
    ["somebody takes writes: it joins, without the view of before", { ...at(7), peers: ["synced", at(9)] }, JOINS],
    ["all wait, equal: the first begins", { ...at(7), peers: [at(7), at(7)] }, BEGINS],
    ["all wait, this one is beyond the others: it begins", { rank: 2, ...at(8), peers: [at(7), at(7)] }, BEGINS],
    ["nobody has data: the first begins", { peers: ["empty", "empty"] }, BEGINS],
    ["others have none: whoever has data begins", { rank: 1, ...at(7), peers: ["empty", "empty"] }, BEGINS],
    ["the last to stop begins, though the others are off", { ...at(7), safe: true, peers: ["mute", "mute"] }, BEGINS],
    ["an operator says so", { ...at(7), peers: ["mute", at(9)], byHand: "by a file" }, BEGINS],
    ["and with older packages", { ...at(7), peers: ["mute", at(9)], byHand: "by the environment" }, BEGINS],
  ])("%s", async (_name, one, expected) => {
    expect(await start(one)).toMatchObject(expected);
  });

  test.each<[string, Case, string]>([
    ["equal to an earlier one", { rank: 1, ...at(7), peers: [at(7), at(6)] }, "127.0.0.2 is at"],
    ["behind another", { ...at(7), peers: [at(7), at(8)] }, "127.0.0.4 is at"],
    ["the last to stop once, but behind another now", { ...at(7), safe: true, peers: [at(9), "mute"] }, "newer data"],
    ["without data where another has some", { peers: ["empty", at(3)] }, "127.0.0.4 has data of a cluster"],
    ["without data, and not the first", { rank: 1, peers: ["empty", "empty"] }, "the first begins"],
    ["a machine is on, and does not say what it has", { ...at(7), peers: [at(7), "mute"] }, "127.0.0.4 does not say"],
    [
      "without data where a machine does not say",
      { peers: ["mute", "empty"] },
      "start keybuzz-wsrep-state.socket there",
    ],
    ["of another cluster", { ...at(7), peers: [{ at: `${NONE.replaceAll("0", "1")}:9` }, at(7)] }, "another cluster"],
    ["another's position is not known", { ...at(7), peers: [{ at: "" }, at(7)] }, "MariaDB does not start there"],
  ])("begins nothing, and says for whom it waits: %s", async (_name, one, why) => {
    const outcome = await start({ ...one, looks: 3 });
    expect(outcome).toMatchObject(WAITS);
    // Told once while it waits, and as the reason of its end.
    expect(outcome.said.match(/^waiting: .*$/gm)).toHaveLength(1);
    expect(outcome.said.split(why)).toHaveLength(3);
  });

  test("a member runs without a majority: joins it by the view of before, which Galera needs for that", async () => {
    expect(await start({ ...at(7), peers: ["served", at(9)] })).toMatchObject({ ...JOINS, keeps: true });
  });

  test("a cluster begins while this one waits: it joins after the one that joins already", async () => {
    const { said, ...outcome } = await start({ rank: 2, ...at(7), peers: [at(7), at(7)], later: ["synced", "served"] });
    expect(outcome).toEqual(JOINS);
    expect(said).toContain("127.0.0.2 takes writes: joining");
  });

  test("a cluster began while this one waited, and takes no writes: no view of before", async () => {
    const outcome = await start({ rank: 2, ...at(7), peers: [at(7), at(7)], later: ["served", at(7)] });
    expect(outcome).toMatchObject(JOINS);
  });

  test("a view that was cut off while it was written ends no start", async () => {
    const outcome = await start({ ...at(7), peers: ["served", "mute"], view: "my_uuid: x\n#vwbeg\n" });
    expect(outcome).toMatchObject(JOINS);
  });
});

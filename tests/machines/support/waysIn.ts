// Who gets in to an estate, from a version that had all keys in user_data to a rotated key: the same story with simulated
// and with real machines, through the command line, each change by one `up`.
import { readFileSync } from "node:fs";
import * as net from "node:net";
import { join } from "node:path";
import * as tls from "node:tls";
import type { LocalCloud } from "../../../rehearsal/localCloud";
import type { RunDocument } from "../../scenario/support/stand";
import { log } from "./bench";
import { SmallEstate } from "./smallEstate";
import { defaultOperator, Visitor } from "./visitor";

const LIMIT = 900_000;
const REDIS = { address: "10.0.0.123" };
/** Is a greeting of the API answered to somebody who comes from there? */
function greeted(port: number, localAddress: string): Promise<boolean> {
  return new Promise((resolve) => {
    const plain = net.connect({ host: "127.0.0.1", port, localAddress });
    const socket = tls.connect({ socket: plain, rejectUnauthorized: false });
    const end = (answered: boolean): void => {
      resolve(answered);
      plain.destroy();
    };
    plain.setTimeout(2000, () => end(false));
    socket.once("secureConnect", () => end(true)).once("error", () => end(false));
  });
}
const NONE = "it accepts none of the given keys";
const SETTINGS = "Pulumi.local.yaml";
const HARDENING = "components/machines/sshHardening.ts";
/** As sshd was told in earlier versions: keys are what cloud-init put into the home. */
const FORMER: readonly (readonly [now: string, then: string])[] = [
  ["`AuthorizedKeysFile ${AUTHORIZED_KEYS}/%u`", '"# Keys are where cloud-init puts them."'],
  ['keysFile(user, args.keys[user] ?? "")),', 'keysFile(user, args.keys[user] ?? "")).slice(users.length),'],
  ['script("keysInHomes", { user: args.firstUser })', '"true"'],
];

export function waysInStory(kind: "simulated" | "real"): void {
  const [alice, bob] = [new Visitor("alice"), new Visitor("bob")];
  let estate: SmallEstate;
  let cloud: LocalCloud;
  let settings = "config: {}\n";

  const set = (lines: Readonly<Record<string, string>>): void => {
    const text = `config:\n${Object.entries(lines)
      .map(([key, value]) => `  keybuzz:${key}: ${value}\n`)
      .join("")}`;
    estate.edit(SETTINGS, settings, text);
    settings = text;
  };
  const up = async (what: string): Promise<RunDocument> => {
    const started = Date.now();
    const { document } = await estate.document("up", ...estate.arguments);
    log(`${kind}: ${what}: up took ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return document;
  };
  const done = async (what: string): Promise<RunDocument> => {
    const document = await up(what);
    expect([
      document.errors,
      document.resources.flatMap(({ name, error }) => (error === undefined ? [] : [name, error])),
    ]).toEqual([[], []]);
    return document;
  };
  const port = (): number => Number(cloud.config["keybuzz:bastionSshPort"]);
  /** Who of the old and the new network reaches the Kubernetes API through the bastion. */
  const reachTheApi = (): Promise<readonly boolean[]> => {
    const at = Number(cloud.config["keybuzz:bastionKubernetesPort"]);
    return Promise.all(["127.0.0.1", "127.0.0.2"].map((address) => greeted(at, address)));
  };
  const inside = async (host: string, script: string): Promise<string> =>
    ((await cloud.realMachines?.inside(host, ["bash", "-ec", script])) ?? "").trim();
  const keysOf = async (host: string, account = "keybuzz"): Promise<readonly string[]> => {
    const path = `/etc/ssh/authorized_keys.d/${account}`;
    // Qdrant is in no Debian package: its machine is simulated among real ones.
    const text =
      kind === "real" && host !== "vector-01"
        ? await inside(host, `cat ${path}`)
        : readFileSync(join(estate.stackDir, "machines", host, "fs", path), "utf8");
    return text.split("\n").filter((line) => line.startsWith("ssh-"));
  };

  beforeAll(async () => {
    estate = new SmallEstate(kind);
    cloud = await estate.openCloud();
    for (const [now, then] of FORMER) estate.edit(HARDENING, now, then);
    await done("from nothing, as an earlier version");
  }, LIMIT);
  afterAll(() => estate.dispose(), LIMIT);

  test(
    "an estate whose keys were in user_data: the next up reaches every machine, and from then on the configuration says who may",
    async () => {
      const rehearsal = defaultOperator(estate.stackDir);
      await expect(rehearsal.run(port(), "true")).rejects.toThrow(NONE);
      for (const [now, then] of FORMER) estate.edit(HARDENING, then, now);
      const { summary } = await done("to this version");
      expect(summary).toMatchObject({ replace: 0, delete: 0 });
      await rehearsal.run(port(), "true");
      await rehearsal.run(port(), "true", REDIS);
      if (kind === "real")
        expect(await inside("redis-01", "ls -A ~keybuzz/.ssh ~root/.ssh")).not.toContain("authorized_keys");
      const again = await done("once more");
      expect(again.summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
    },
    LIMIT,
  );

  test(
    "an operator comes and another goes: each with their own account and key, and the one who goes at once",
    async () => {
      set({ operators: `[${alice.setting}]` });
      await done("alice instead of the rehearsal's own");
      await expect(defaultOperator(estate.stackDir).run(port(), "true")).rejects.toThrow(NONE);
      for (const to of [{}, REDIS]) await alice.run(port(), "true", to);
      if (kind === "real") {
        expect(await alice.run(port(), "id -un; sudo id -un", REDIS)).toBe("alice\nroot");
        expect(await inside("redis-01", "journalctl --sync; journalctl -q _COMM=sudo")).toMatch(
          /alice : .*COMMAND=\/usr\/bin\/id/,
        );
        await inside("redis-01", "echo hers > ~alice/notes; chown alice: ~alice/notes");
      }
      // What alice still has open when she goes, as herself and as root.
      const open =
        kind === "real"
          ? ["sleep 1234", "sudo sleep 1235"].map((command) => alice.run(port(), command, REDIS).catch(() => "cut off"))
          : [];
      if (kind === "real")
        await inside("redis-01", "until pgrep -fx 'sleep 1234' && pgrep -fx 'sleep 1235'; do sleep 0.2; done");
      set({ operators: `[${bob.setting}]` });
      await done("bob instead of alice");
      expect(await Promise.all(open)).toEqual(open.map(() => "cut off"));
      for (const to of [{}, REDIS]) {
        await bob.run(port(), "true", to);
        await expect(alice.run(port(), "true", to)).rejects.toThrow(NONE);
      }
      if (kind === "real") {
        expect(
          await inside(
            "redis-01",
            "for kind in passwd group; do getent $kind alice || true; done; pgrep -fx 'sleep 123[45]' || true",
          ),
        ).toBe("");
        expect(await inside("redis-01", "cd /home; stat -c '%U %a' alice alice/notes")).toBe("root 700\nroot 644");
      }
    },
    LIMIT,
  );

  test(
    "the program's key is rotated in the up that makes a machine; what it leaves half done, the next one does",
    async () => {
      const [before] = await keysOf("redis-01");
      let replaced = 0;
      estate.changeSmall("/^(haproxy|redis)-01$/", "/^(haproxy|redis|vector)-01$/");
      estate.changeSmall("    workloads: {},\n", '    workloads: {},\n    rotations: { "ssh/deploy": 1 },\n');
      if (kind === "real") {
        await cloud.realMachines?.setLinks("redis-01", "down");
        const half = await up("rotated, with a machine cut off");
        expect(half.ok).toBe(false);
        replaced = half.summary.replace;
        expect(await keysOf("bastion-01")).toHaveLength(1);
        expect(await keysOf("bastion-01")).not.toEqual([before]);
        expect(await keysOf("redis-01")).toEqual([before]);
        await cloud.realMachines?.setLinks("redis-01", "up");
      }
      const { summary } = await done("rotated, and one machine more");
      // The key at Hetzner is another one; nothing else is made anew.
      expect(summary).toMatchObject({ replace: replaced === 0 ? 1 : 0, delete: 0 });
      const keys = await Promise.all(["bastion-01", "haproxy-01", "vector-01", "redis-01"].map((host) => keysOf(host)));
      expect(new Set(keys.flat()).size).toBe(1);
      expect(keys.flat()).toHaveLength(4);
      expect(keys.flat()).not.toContain(before);
      await bob.run(port(), "true", { address: "10.0.0.136" });
      const again = await done("once more");
      expect(again.summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
    },
    LIMIT,
  );

  test(
    "the operators' address changes: from the new one, by one up; from the old one nobody gets in any more",
    async () => {
      const from = async (address: string, what: string): Promise<RunDocument> => {
        process.env["KEYBUZZ_RUNS_FROM"] = address;
        try {
          return await up(what);
        } finally {
          delete process.env["KEYBUZZ_RUNS_FROM"];
        }
      };
      const operators = `[${bob.setting}]`;
      set({ operators, operatorCidrs: '["127.0.0.2/32"]' });
      const refused = await from("127.0.0.1", "from an address that it would shut out");
      expect(refused.ok).toBe(false);
      expect(JSON.stringify(refused)).toContain("127.0.0.1 is where this run comes from");
      await bob.run(port(), "true", { from: "127.0.0.1" });
      await expect(bob.run(port(), "true", { from: "127.0.0.2" })).rejects.toThrow(/no answer in time/);
      expect(await reachTheApi()).toEqual([true, false]);
      // Every machine is reached in this run, and so is the API.
      estate.change();
      expect((await from("127.0.0.2", "from the new address")).errors).toEqual([]);
      await bob.run(port(), "true", { ...REDIS, from: "127.0.0.2" });
      await expect(bob.run(port(), "true", { from: "127.0.0.1" })).rejects.toThrow(/no answer in time/);
      expect(await reachTheApi()).toEqual([false, true]);
    },
    LIMIT,
  );
}

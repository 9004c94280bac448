import type { HostConfig } from "../../components/machines/hostConfig";
import { realMachinesAvailable } from "@standin/machines/real";
import { Bench, log } from "./support/bench";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

const HOST = "haproxy-01";
const LIMIT_MS = 300_000;

(possible.ok ? describe : describe.skip)("the script of a real machine", () => {
  let bench: Bench;

  beforeAll(async () => {
    // Two machines; the bench's other clusters are not there, and HAProxy waits for them.
    bench = await Bench.open(["haproxy"]);
  }, 600_000);

  afterAll(async () => bench?.close(), LIMIT_MS);

  const apply = async (change: (config: HostConfig) => HostConfig = (config) => config): Promise<string> => {
    const host = bench.group("haproxy").find(({ name }) => name === HOST);
    if (host === undefined) throw new Error("no HAProxy");
    return [...(await bench.apply([{ ...host, config: change(host.config) }])).values()].join("");
  };
  const started = (): Promise<string> =>
    bench.run(HOST, "systemctl show --property ExecMainStartTimestamp,NRestarts haproxy.service pgbouncer.service");

  test("what runs in it has a machine's environment, nothing of this one's", async () => {
    process.env["KEYBUZZ_OF_THIS_MACHINE"] = "yes";
    try {
      const names = (await bench.run(HOST, "env -0 | cut -z -d= -f1 | tr '\\0' ' '")).trim().split(" ").sort();
      expect(names).toEqual(["HOME", "LANG", "PATH", "PWD", "SHLVL", "_"]);
    } finally {
      delete process.env["KEYBUZZ_OF_THIS_MACHINE"];
    }
  });

  test(
    "cut off after any time and run again, it converges",
    async () => {
      for (const seconds of [1, 3, 6]) {
        const host = bench.group("haproxy").find(({ name }) => name === HOST);
        if (host === undefined) throw new Error("no HAProxy");
        await expect(bench.applyFor(host, seconds)).resolves.toBeUndefined();
      }
      await apply();
      const before = await started();
      expect(await apply()).toMatch(/no change\s*$/);
      expect(await started()).toBe(before);
    },
    LIMIT_MS,
  );

  /** A configuration that cannot be: the message, and that the daemons did not notice. */
  async function refused(change: (config: HostConfig) => HostConfig, message: RegExp): Promise<void> {
    const before = await started();
    await expect(apply(change)).rejects.toThrow(message);
    expect(await started()).toBe(before);
    await bench.run(HOST, "haproxy -c -q -f /etc/haproxy/haproxy.cfg");
  }

  test(
    "a value that HAProxy does not take: the running file stays",
    async () =>
      refused(
        (config) => ({
          ...config,
          files: config.files.map((file) =>
            file.path === "/etc/haproxy/haproxy.cfg"
              ? { ...file, content: file.content.replace("timeout connect 3s", "timeout connect soon") }
              : file,
          ),
        }),
        /host haproxy-01: step file\/etc\/haproxy\/haproxy.cfg: .*untouched.*remedy/s,
      ),
    LIMIT_MS,
  );

  test(
    "a package that does not exist",
    async () => {
      // Machines have no way out to Debian's archive: an empty one of their own answers.
      await bench.run(
        HOST,
        "mkdir -p /srv/archive && : >/srv/archive/Packages && rm -rf /etc/apt/sources.list.d/* && echo 'deb [trusted=yes] file:/srv/archive ./' >/etc/apt/sources.list",
      );
      await refused(
        (config) => ({ ...config, packages: [...config.packages, { name: "no-such-package" }] }),
        /host haproxy-01: step packages: cannot install no-such-package: .*remedy/s,
      );
      expect(await apply()).toMatch(/no change\s*$/);
    },
    LIMIT_MS,
  );

  test(
    "a full disk",
    async () => {
      // The folder of HAProxy's configuration on a disk of its own, without room.
      await bench.run(
        HOST,
        "cp -a /etc/haproxy /run/was && mount -t tmpfs -o size=64k tmpfs /etc/haproxy && cp -a /run/was/. /etc/haproxy/ && (cat /dev/zero >/etc/haproxy/filler 2>/dev/null || true)",
      );
      try {
        const longer = (config: HostConfig): HostConfig => ({
          ...config,
          files: config.files.map((file) =>
            file.path === "/etc/haproxy/haproxy.cfg" ? { ...file, content: `# changed\n${file.content}` } : file,
          ),
        });
        await refused(longer, /host haproxy-01: step file\/etc\/haproxy\/haproxy.cfg: .*remedy/s);
      } finally {
        await bench.run(HOST, "umount /etc/haproxy");
      }
      expect(await apply()).toMatch(/no change\s*$/);
    },
    LIMIT_MS,
  );
});

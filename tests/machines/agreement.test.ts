import type { HostConfig } from "../../components/machines/hostConfig";
import type { HostPlan } from "../../components/machines/hostPlan";
import { readDeclaration } from "../../verifier/declaration";
import { addressNumber } from "../../verifier/read/range";
import { buildWorld } from "../../verifier/read/world";
import { realMachinesAvailable } from "@standin/machines/real";
import { Limiter } from "@standin/machines/real/limiter";
import { run } from "@standin/machines/real/run";
import { environment as local } from "../../stacks/local";
import { emitted } from "../support/emitted";
import { Bench, log } from "./support/bench";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

const GROUPS = ["haproxy", "postgres", "redis", "rabbitmq", "mariadb", "minio", "k3sServers", "k3sAgents"];
/** A pod on this node: an address behind it. */
const NODE = "k3s-worker-01";
const POD = "10.233.64.5";
/** Ports of which no flow tells, spread over the range. */
const UNDECLARED = [21, 80, 1433, 2049, 5000, 8086, 10_255, 27_017, 50_000, 60_999];
const SSH = 22;
const LIMIT_MS = 600_000;

/** Nothing but the firewall, so that no daemon takes a port on which the test listens. */
function firewallOnly(config: HostConfig): HostConfig {
  const isFirewall = (path: string): boolean => path.includes("ufw");
  return {
    ...config,
    aptRepositories: [],
    binaries: [],
    packages: config.packages.filter(({ name }) => name === "ufw"),
    files: config.files.filter(({ path }) => isFirewall(path)),
    directories: config.directories.filter(({ path }) => isFirewall(path)),
    units: config.units.filter(({ name }) => isFirewall(name)),
    users: [],
    groups: [],
    timers: [],
    steps: config.steps.filter(({ id }) => id.includes("firewall")),
    checks: [],
    joined: [],
  };
}

const LISTEN = `import json, selectors, socket, sys
waiting = selectors.DefaultSelector()
for port in json.loads(sys.argv[1]):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("0.0.0.0", port)); s.listen(64); s.setblocking(False)
    waiting.register(s, selectors.EVENT_READ)
while True:
    for key, _ in waiting.select():
        key.fileobj.accept()[0].close()
`;

/** All connections at once; what is not answered in time is closed. Prints the pairs that are open. */
const SCAN = `import json, select, socket, sys, time
source, pairs, seconds = json.loads(sys.argv[1])
under_way, opened = {}, []
poll = select.poll()
for host, port in pairs:
    s = socket.socket(); s.setblocking(False); s.bind((source, 0))
    s.connect_ex((host, port))
    under_way[s.fileno()] = (s, host, port)
    poll.register(s, select.POLLOUT)
end = time.monotonic() + seconds
while under_way and time.monotonic() < end:
    for number, _ in poll.poll(200):
        s, host, port = under_way.pop(number)
        poll.unregister(number)
        if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0: opened.append([host, port])
        s.close()
print(json.dumps(opened))
`;

(possible.ok ? describe : describe.skip)("the verifier and real machines", () => {
  const graph = emitted(local);
  const world = buildWorld(graph);
  const declared = (readDeclaration(graph)?.flows ?? []).flatMap(({ to }) =>
    to.protocol === "tcp" && to.provider.kind === "hosts" ? [to.port] : [],
  );
  const ports = [...new Set([...declared, ...UNDECLARED])].filter((port) => port !== SSH).sort((a, b) => a - b);
  let bench: Bench;

  beforeAll(async () => {
    bench = await Bench.open(GROUPS);
    await bench.apply(bench.hosts.map((host): HostPlan => ({ ...host, config: firewallOnly(host.config) })));
    await Promise.all(
      bench.hosts.map(async ({ name, address }) => {
        // More connections than a shell's usual number of open files.
        await bench.run(
          name,
          `cat >/root/listen.py <<'PY'\n${LISTEN}PY\ncat >/root/scan.py <<'PY'\n${SCAN}PY\n` +
            `systemd-run --quiet --unit=listen -p LimitNOFILE=65536 python3 /root/listen.py '${JSON.stringify(ports)}'\n` +
            `until ss -Htln 'sport = :${ports.at(-1)}' | grep -q LISTEN; do sleep 0.2; done`,
        );
        if (name === NODE) {
          await bench.run(name, `ip address add ${POD}/32 dev lo`);
          const way = ["route", "replace", `${POD}/32`, "via", address, "dev", "private"];
          await run("ip", ["-n", bench.fleet.namespace, ...way]);
        } else await bench.run(name, `ip route replace 10.233.64.0/18 via 10.0.0.1 dev enp7s0 onlink`);
      }),
    );
  }, LIMIT_MS);

  afterAll(async () => bench?.close(), LIMIT_MS);

  /** Of all pairs from that address, the ones that a connection passes. */
  async function scan(name: string, source: string): Promise<ReadonlySet<string>> {
    const pairs = bench.hosts
      .filter((host) => host.name !== name)
      .flatMap(({ address }) => ports.map((port) => [address, port]));
    const said = await bench.run(
      name,
      `ulimit -n 65536; python3 /root/scan.py '${JSON.stringify([source, pairs, 5])}'`,
    );
    return new Set((JSON.parse(said) as [string, number][]).map(([host, port]) => `${host}:${port}`));
  }

  test(
    "agree on every pair of machines, and on a pod: each declared port and a sample of the others",
    async () => {
      const sources = [...bench.hosts.map(({ name, address }) => ({ name, address })), { name: NODE, address: POD }];
      const disagreements: string[] = [];
      let [asked, open] = [0, 0];
      // What is refused in silence takes the scan its whole patience.
      const few = new Limiter(6);
      const scans = sources.map((source) => few.run(() => scan(source.name, source.address)));
      const found = await Promise.all(scans);
      for (const [index, source] of sources.entries()) {
        const real = found[index] ?? new Set<string>();
        const number = addressNumber(source.address);
        if (number === undefined) throw new Error(`${source.address} is no address`);
        for (const host of bench.hosts) {
          if (host.name === source.name) continue;
          const ufw = world.hosts.get(host.name)?.ufw;
          for (const port of ports) {
            const passes = ufw?.admits(number, port, "tcp") !== undefined;
            const isOpen = real.has(`${host.address}:${port}`);
            asked += 1;
            if (isOpen) open += 1;
            if (passes !== isOpen)
              disagreements.push(
                `${source.address} -> ${host.name}:${port}: verifier ${passes ? "open" : "closed"}, machines ${isOpen ? "open" : "closed"}`,
              );
          }
        }
      }
      log(`${asked} pairs asked, ${open} open, ${disagreements.length} disagreements`);
      expect(disagreements).toEqual([]);
      // Both answers were there to be disagreed about.
      expect(open).toBeGreaterThan(100);
      expect(asked - open).toBeGreaterThan(1000);
    },
    LIMIT_MS,
  );
});

import type { HostConfig } from "../../components/machines/hostConfig";
import type { HostPlan } from "../../components/machines/hostPlan";
import { realMachinesAvailable } from "@standin/machines/real";
import { run } from "@standin/machines/real/run";
import { Bench, log } from "./support/bench";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

const STORE = "minio-01";
const NODE = "k3s-worker-01";
/** Pods reach MinIO's API, and nothing of theirs is declared for its console. */
const DECLARED = 9000;
const UNDECLARED = 9001;
const POD = "10.233.64.5";
const LIMIT_MS = 300_000;

/** The machine with its own firewall, but without the software that no Debian package has. */
function firewallOnly(config: HostConfig): HostConfig {
  const foreign = /minio|mc\b/;
  return {
    ...config,
    aptRepositories: [],
    binaries: [],
    files: config.files.filter(({ path }) => !foreign.test(path)),
    directories: config.directories.filter(({ path }) => !foreign.test(path)),
    users: config.users.filter(({ name }) => !foreign.test(name)),
    groups: config.groups.filter(({ name }) => !foreign.test(name)),
    units: config.units.filter(({ name }) => !foreign.test(name)),
    timers: config.timers.filter(({ name }) => !foreign.test(name)),
    steps: config.steps.filter(({ id }) => !foreign.test(id)),
    checks: [],
    joined: [],
  };
}

(possible.ok ? describe : describe.skip)("UFW between real machines", () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await Bench.open(["minio", "k3sAgents"]);
    const [store] = bench.group("minio");
    if (store === undefined) throw new Error("no object store");
    const plan: HostPlan = { ...store, config: firewallOnly(store.config) };
    await bench.apply([plan]);
    for (const port of [DECLARED, UNDECLARED])
      await bench.run(STORE, `systemd-run --quiet --unit=listen-${port} python3 -m http.server ${port} --bind 0.0.0.0`);
    // A pod is an address behind its node; the network has a route to it, as Calico's tunnel has.
    await bench.run(NODE, `ip address add ${POD}/32 dev lo`);
    const [node] = bench.group("k3sAgents");
    const route = [
      "-n",
      bench.fleet.namespace,
      "route",
      "replace",
      `${POD}/32`,
      "via",
      node?.address ?? "",
      "dev",
      "private",
    ];
    await run("ip", route);
    await bench.run(STORE, `ip route replace 10.233.64.0/18 via 10.0.0.1 dev enp7s0 onlink`);
    // Listening before anybody is refused for another reason.
    await bench.run(
      STORE,
      `for port in ${DECLARED} ${UNDECLARED}; do until curl -s -o /dev/null http://127.0.0.1:$port/; do sleep 0.2; done; done`,
    );
  }, 600_000);

  afterAll(async () => bench?.close(), LIMIT_MS);

  /** What a connection from that address of the node meets. */
  async function from(address: string, port: number): Promise<string> {
    const script = `import socket
s = socket.socket(); s.settimeout(3); s.bind(("${address}", 0))
try:
    s.connect(("10.0.0.134", ${port})); print("open")
except OSError as error:
    print("closed")`;
    return (await bench.fleet.inside(NODE, ["python3", "-c", script], { timeoutMs: 20_000 })).trim();
  }

  test(
    "is on, and lets in what a flow declares: from a machine, and from a pod",
    async () => {
      expect(await bench.run(STORE, "ufw status")).toContain("Status: active");
      expect(await from("10.0.0.110", DECLARED)).toBe("open");
      expect(await from(POD, DECLARED)).toBe("open");
    },
    LIMIT_MS,
  );

  test(
    "refuses what no flow declares: to a machine, and to a pod",
    async () => {
      expect(await from("10.0.0.110", UNDECLARED)).toBe("closed");
      expect(await from(POD, UNDECLARED)).toBe("closed");
      // It is the filter that refuses: the port itself answers.
      await bench.run(STORE, `curl -s -o /dev/null http://127.0.0.1:${UNDECLARED}/`);
    },
    LIMIT_MS,
  );

  test(
    "survives a reboot",
    async () => {
      await bench.fleet.power(bench.fleet.idOf(STORE), "reboot");
      expect(await bench.run(STORE, "ufw status")).toContain("Status: active");
    },
    LIMIT_MS,
  );
});

// Simulated machines wait for each other where the real daemons do.
import type { HostConfig } from "../../components/machines/hostConfig";
import type { HostPlan } from "../../components/machines/hostPlan";
import { joinedScript } from "../../components/machines/joined";
import { packScript } from "../../components/machines/packScript";
import { renderScript } from "../../components/machines/render";
import { HOST_SCRIPTS, plannedHosts } from "../../rehearsal/estate";
import { PROVIDERS } from "../../rehearsal/providers";
import { PEER_DAEMONS } from "../../rehearsal/peerDaemons";
import { loadEnvironment } from "../../stacks/loadEnvironment";
import { BASTION, machineSpec, run as runWith, TestFleet, USER } from "../packages/machines/support/simulatedFleet";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

const HOSTS = plannedHosts({ ...loadEnvironment("prod"), ...etcdInsteadOfRaft() });
const groupOf = (group: string): readonly HostPlan[] => HOSTS.filter((host) => host.group === group);

function etcdInsteadOfRaft(): object {
  const { postgres } = loadEnvironment("prod");
  return { postgres: { ...postgres, dcs: "etcd" } };
}

/** As all scripts were once: whoever starts a daemon waits until it has started. */
const waiting = (config: HostConfig): HostConfig => ({
  ...config,
  units: config.units.map((unit) => ({ ...unit, waitsForPeers: false })),
});

/** The only one that the scripts let in. */
const ACCOUNT = "keybuzz";

let fleet: TestFleet;
afterEach(() => fleet.close());

/** Applies the scripts of these hosts, so many at a time in this order, as an engine's steps. @returns who failed, and why. */
async function apply(
  hosts: readonly HostPlan[],
  parallel: number,
  scriptOf: (config: HostConfig) => string,
): Promise<Readonly<Record<string, string>>> {
  const failures: Record<string, string> = {};
  const left = [...hosts];
  const slot = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { name, address, config } = next;
      const connection = { ...fleet.toDatabase(), host: address, hostKey: fleet.hostKey(name), user: ACCOUNT };
      try {
        await runWith(connection, "sudo timeout 1800 bash -s", scriptOf(config), PROVIDERS["command"]);
      } catch (error) {
        failures[name] = (error as Error).message;
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, slot));
  return failures;
}

/** But for who may log in: that is the test. */
const rendered = (config: HostConfig): string => {
  const files = config.files.filter(({ path }) => !/authorized|sshd_config/.test(path));
  return packScript(renderScript({ ...config, files }).script);
};

async function machinesFor(hosts: readonly HostPlan[], patienceSeconds: number): Promise<void> {
  fleet = new TestFleet(() => ({ scripts: HOST_SCRIPTS, daemons: PEER_DAEMONS, patienceSeconds }));
  await fleet.machines.create(BASTION);
  for (const [index, { name, address }] of hosts.entries()) {
    const spec = machineSpec(index + 10, name, address);
    await fleet.machines.create({ ...spec, userData: spec.userData.replace(`name: ${USER}`, `name: ${ACCOUNT}`) });
  }
}

describe.each([
  ["postgres", 2, "etcd.service", "db-master-01", /10\.0\.0\.121, 10\.0\.0\.122 to say whether it has data/],
  ["mariadb", 2, "mariadb.service", "maria-01", /10\.0\.0\.171, 10\.0\.0\.172 to say whether it has data/],
  ["k3sServers", 2, "k3s.service", "k3s-master-01", /10\.0\.0\.101, 10\.0\.0\.102 to say whether it holds a member/],
] as const)("%s", (group, parallel, unit, first, why) => {
  test("one step at a time: a start that is waited for never ends, for the others never begin", async () => {
    const hosts = groupOf(group);
    await machinesFor(hosts, 1);
    const failures = await apply(hosts.slice(0, 1), 1, (config) => rendered(waiting(config)));
    expect(failures[first]).toMatch(why);
    expect(failures[first]).toContain(`${unit} has not started within 1 s`);
  });

  test("where it is begun, every configuration ends, and then all take part", async () => {
    const hosts = groupOf(group);
    await machinesFor(hosts, 30);
    expect(await apply(hosts, 1, rendered)).toEqual({});
    expect(await apply(hosts, parallel, joinedScript)).toEqual({});
  });
});

test.each([
  ["postgres", ["db-master-01", "db-slave-01"]],
  ["mariadb", ["maria-01", "maria-02"]],
  ["k3sServers", ["k3s-master-01", "k3s-master-02"]],
])("%s with two slots: who waits holds both, and the third never begins", async (group, stuck) => {
  const hosts = groupOf(group);
  await machinesFor(hosts, 2);
  const failures = await apply(hosts.slice(0, 2), 2, (config) => rendered(waiting(config)));
  expect(Object.keys(failures).sort()).toEqual(stuck);
});

test("an agent waits for a server, and says so", async () => {
  const [agent] = groupOf("k3sAgents");
  const servers = groupOf("k3sServers");
  if (agent === undefined) throw new Error("prod has no agent");
  await machinesFor([agent, ...servers], 1);
  expect(await apply([agent], 1, rendered)).toEqual({});
  const early = await apply([agent], 1, joinedScript);
  expect(early[agent.name]).toMatch(
    /k3s-agent\.service has not started within 1 s: it waits for a server behind https:/,
  );
  expect(await apply(servers, 1, rendered)).toEqual({});
  expect(await apply([agent], 1, joinedScript)).toEqual({});
});

import { PATRONI_PORT, type PatroniDcs } from "../../../components/data/postgres/patroniConfig";
import { turnScript } from "../../../components/data/rollingRestart";
import { mapTexts } from "../../../components/machines/hostPlan";
import type { Environment } from "../../../stacks/environment";
import { environment as local } from "../../../stacks/local";
import { Bench } from "./bench";
import { killed, partition, powerCut, replaced, survives, type FaultCase } from "./faults";
import { PatroniCluster } from "./patroni";

/** Writes may stop for so long when the leader is lost. */
const GOAL_MS = 15_000;

/** The cluster of one suite, made once. */
export interface PostgresBench {
  readonly bench: Bench;
  readonly cluster: PatroniCluster;
}

export async function openPostgres(dcs: PatroniDcs, on: Partial<Environment> = {}): Promise<PostgresBench> {
  const bench = await Bench.formed(["postgres", "haproxy"], {
    ...on,
    postgres: { ...local.postgres, ...on.postgres, dcs },
  });
  try {
    const cluster = new PatroniCluster(bench);
    const { postgres } = bench.plan.services;
    if (postgres === undefined) throw new Error("no PostgreSQL");
    await bench.run(cluster.names[0] ?? "", postgres.clusterJob().script);
    await bench.membersMet("postgres");
    await cluster.whole();
    return { bench, cluster };
  } catch (error) {
    await bench.close();
    throw error;
  }
}

const fault = (name: string, dcs: PatroniDcs): Pick<FaultCase, "name" | "goalMs"> => ({
  name: `PostgreSQL (${dcs}), ${name}`,
  goalMs: GOAL_MS,
});

export const leaderPowerCut = ({ bench, cluster }: PostgresBench, dcs: PatroniDcs): Promise<void> =>
  survives(cluster, { ...fault("power cut", dcs), ...powerCut(bench) });

/** Five times of six the cluster leads again after 11 to 12 s; once it took 62.9 s, beside other work, unexplained. */
const REPLACED_GOAL_MS = 60_000;

/** Its data directory and that of etcd are gone. */
export const leaderReplaced = async ({ bench, cluster }: PostgresBench, dcs: PatroniDcs): Promise<void> => {
  await survives(cluster, { ...fault("machine replaced", dcs), ...replaced(bench), goalMs: REPLACED_GOAL_MS });
  await bench.membersMet("postgres");
  await bench.expectNoChange();
};

export const leaderKilled = ({ bench, cluster }: PostgresBench, dcs: PatroniDcs): Promise<void> =>
  survives(cluster, { ...fault("kill -9", dcs), ...killed(bench, "^/usr/lib/postgresql/15/bin/postgres -D") });

/** Cut off, the leader must not take writes: a commit there waits for a standby that it cannot reach. */
export async function leaderIsolated({ bench, cluster }: PostgresBench, dcs: PatroniDcs): Promise<void> {
  const write = ["psql", "-qAtX", "-c", "CREATE TABLE split (n int)"];
  await survives(cluster, {
    ...fault("partition", dcs),
    ...partition(bench, async (leader) => {
      const alone = bench.fleet.inside(leader, ["timeout", "12", "runuser", "-u", "postgres", "--", ...write], {
        timeoutMs: 20_000,
      });
      await expect(alone).rejects.toThrow();
    }),
  });
  expect(await cluster.query("SELECT to_regclass('split') IS NULL;")).toBe("t");
}

/** Nobody hears from the leader's API for four seconds: whoever is connected stays, and writes go on. */
export async function silentApiCutsNobody({ bench, cluster }: PostgresBench): Promise<void> {
  const leader = await cluster.leader();
  const client = cluster.client();
  const drop = `-p tcp --dport ${PATRONI_PORT} -j DROP`;
  try {
    const session = await client.ask("SELECT pg_backend_pid();", 20_000);
    await bench.run(leader, `iptables -I INPUT ${drop}; sleep 4; iptables -D INPUT ${drop}`);
    expect(await client.ask("SELECT pg_backend_pid();", 20_000)).toBe(session);
  } finally {
    client.close();
  }
}

/**
 * Memory that runs out takes a single backend, never Patroni, the postmaster or etcd. What is asked for: the kernel of
 * these machines gives no container a lower score than its maker's.
 */
export async function spared({ bench, cluster }: PostgresBench): Promise<void> {
  const asked = (command: string): Promise<string> => bench.run(cluster.names[0] ?? "", command);
  const score = "systemctl show --property OOMScoreAdjust --value";
  expect(await asked(`${score} patroni.service; ${score} etcd.service`)).toBe("-900\n-900\n");
  const postmaster = "$(head -n 1 /var/lib/postgresql/*/keybuzz/postmaster.pid)";
  const given = await asked(`tr '\\0' '\\n' </proc/${postmaster}/environ | grep ^PG_OOM | sort`);
  expect(given).toBe("PG_OOM_ADJUST_FILE=/proc/self/oom_score_adj\nPG_OOM_ADJUST_VALUE=0\n");
}

/** A new setting of etcd (its restart) and of PostgreSQL's memory and connections (Patroni's restart of it). */
export async function configurationRolls({ bench, cluster }: PostgresBench): Promise<void> {
  const before = await cluster.leader();
  let said: readonly string[] = [];
  await survives(cluster, {
    ...fault("rolling change", "etcd"),
    fault: async () => {
      said = await bench.rollOut("postgres", (config) =>
        mapTexts(config, (text) =>
          text
            .replace("ETCD_AUTO_COMPACTION_RETENTION=1h", "ETCD_AUTO_COMPACTION_RETENTION=2h")
            .replace(/shared_buffers: \S+/, "shared_buffers: 700MB"),
        ),
      );
    },
  });
  expect(said.filter((text) => text.includes("etcd.service restarted"))).toHaveLength(3);
  // The one that hands over restarts by that alone.
  expect(said.filter((text) => / db-\S+ restarted$/m.test(text))).toHaveLength(2);
  // Only the one that led handed over, and its turn was in the second pass.
  expect(said.slice(0, 3).join("\n")).toContain(`${before} leads: its turn comes last`);
  expect(said.slice(3).join("\n")).toContain(`${before} has handed over`);
  expect(said.join("\n").match(/has handed over/g)).toHaveLength(1);
  expect(await cluster.query("SHOW shared_buffers;")).toBe("700MB");
  await bench.expectNoChange();
}

/** With a member down nobody's turn comes, and nobody is touched. */
export async function rollOutStops({ bench, cluster }: PostgresBench): Promise<void> {
  const leader = await cluster.leader();
  const [down = "", up = ""] = cluster.names.filter((name) => name !== leader);
  const host = bench.group("postgres").find(({ name }) => name === up);
  if (host === undefined) throw new Error("no PostgreSQL");
  await bench.fleet.powerCut(down);
  try {
    const pending = "/var/lib/keybuzz/pending/turn:patroni.service";
    const startOf = "systemctl show --property ExecMainStartTimestamp patroni.service";
    const before = await bench.run(up, `touch ${pending}; ${startOf}`);
    const turn = turnScript(bench.rolling(host), { host, pass: "followers" }, 3);
    await expect(bench.run(up, turn)).rejects.toThrow(/stops at \S+: before its turn the cluster is not whole.*remedy/);
    expect(await bench.run(up, `rm ${pending}; ${startOf}`)).toBe(before);
    expect(await cluster.query("SELECT pg_is_in_recovery();")).toBe("f");
  } finally {
    await bench.fleet.power(bench.fleet.idOf(down), "on");
  }
  await cluster.whole();
}

/** A HAProxy host without power: its clients connect again and reach the other. */
export async function haproxyLost({ bench, cluster }: PostgresBench): Promise<void> {
  const lost = "haproxy-01";
  await survives(cluster, {
    ...fault("HAProxy host lost", "etcd"),
    moves: false,
    fault: () => bench.fleet.powerCut(lost),
    recovery: () => bench.fleet.power(bench.fleet.idOf(lost), "on"),
  });
}

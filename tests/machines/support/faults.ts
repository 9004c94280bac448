import type { Bench } from "./bench";
import { log } from "./bench";
import type { Writer } from "./writer";

/** A cluster as its operators and its clients see it; each kind of cluster has one. */
export interface TestedCluster {
  /** Host names, the first of the configuration first. */
  readonly names: readonly string[];
  /** Who takes the writes now, as that member sees it. */
  leader(askedAt?: string): Promise<string>;
  /** Waits until every member takes part. @throws Error with the last state seen. */
  whole(timeoutMs?: number): Promise<void>;
  /** Writes at a steady rate through the load balancer, to a place of this name. */
  writer(name: string): Promise<Writer>;
  /** The same, connecting anew for each write: it meets whomever the load balancer takes for the leader. Default: nobody does. */
  newcomer?(name: string): Promise<Writer>;
  /** Is this the answer of a member that does not lead? @param moved another one leads now. */
  isWrongMember?(answer: string, moved: boolean): boolean;
  /** What each member thinks of the cluster; printed after a failure, before anything is mended. */
  views(): Promise<string>;
  /** Of the numbers that were acknowledged, those that are not there. */
  missing(name: string, writer: Writer): Promise<readonly number[]>;
}

export interface FaultCase {
  readonly name: string;
  readonly fault: (leader: string, others: readonly string[]) => Promise<void>;
  /** Default: nothing; the leader mends itself. */
  readonly recovery?: (leader: string) => Promise<void>;
  /** Must another member lead afterwards? Default true. */
  readonly moves?: boolean;
  /** The goal for the pause in writes; printed with what was measured. */
  readonly goalMs: number;
  /**
   * Promise of asynchronous replication: acknowledged so shortly before the fault, a write may be lost.
   * Default 0: none may.
   */
  readonly mayLoseMs?: number;
}

/** On two busy cores everything takes longer: beyond this many times the goal something is wrong. */
const NOISE = 2;
/** A fault has had its effect after so long. */
const EFFECT_MS = 3000;
/** Between a new leader and the next check that notices it, a new connection may still meet the former one. */
const WRONG_MEMBER_MS = 2000;

/** Writes while the fault happens, then checks what must hold after every one: nothing acknowledged is lost. */
export async function survives(cluster: TestedCluster, one: FaultCase): Promise<void> {
  await cluster.whole();
  const place = `writes_${one.name.replaceAll(/\W/g, "_").toLowerCase()}`;
  const writer = await cluster.writer(place);
  const newcomer = await cluster.newcomer?.(`${place}_anew`);
  const told = async <T>(work: Promise<T>): Promise<T> =>
    work.catch(async (error: unknown) => {
      log(`${one.name}: ${(error as Error).message}; writes: ${writer.said}; newcomers: ${newcomer?.said ?? "none"}`);
      log(await cluster.views());
      throw error;
    });
  try {
    await told(writer.flowing(30_000));
    await told(newcomer?.flowing(30_000) ?? Promise.resolve());
    const leader = await told(cluster.leader());
    const others = cluster.names.filter((name) => name !== leader);
    const since = Date.now();
    try {
      await told(one.fault(leader, others));
      await new Promise((resolve) => setTimeout(resolve, EFFECT_MS));
      await told(writer.flowing(120_000));
      // Writes go on before every member has heard who leads.
      const moved = async (): Promise<string | undefined> =>
        (await cluster.leader(others[0])) === leader ? `${others[0] ?? ""} takes ${leader} for the leader` : undefined;
      if (one.moves ?? true) await told(eventually(moved, 15_000));
    } finally {
      await one.recovery?.(leader);
    }
    await told(cluster.whole());
    // The old leader has come back while writes went on.
    await told(writer.flowing(30_000));
    await told(newcomer?.flowing(30_000) ?? Promise.resolve());
    await writer.stop();
    await newcomer?.stop();
    const outage = writer.longestPause(since);
    const missing = await cluster.missing(place, writer);
    log(
      `${one.name}: writes stopped for ${(outage / 1000).toFixed(1)} s (goal ${one.goalMs / 1000} s); ` +
        `${writer.acknowledged.length} acknowledged, ${missing.length} of them missing; ${writer.failures.length} unanswered`,
    );
    const mayMiss = (of: Writer, gone: readonly number[]): readonly number[] => {
      const { mayLoseMs } = one;
      if (mayLoseMs === undefined) return gone;
      const lost = new Set(gone);
      return of.acknowledged.filter(({ n, at }) => lost.has(n) && at < since - mayLoseMs).map(({ n }) => n);
    };
    expect(mayMiss(writer, missing)).toEqual([]);
    if (newcomer !== undefined) {
      const gone = await cluster.missing(`${place}_anew`, newcomer);
      const wrong = newcomer.failures.filter(({ text }) => cluster.isWrongMember?.(text, one.moves ?? true) ?? false);
      const wrongMs =
        wrong.length === 0 ? 0 : (wrong.at(-1)?.at ?? 0) - (wrong[0]?.at ?? 0) + (wrong.at(-1)?.afterMs ?? 0);
      const pause = newcomer.longestPause(since);
      log(
        `${one.name}, a new connection for each write: stopped for ${(pause / 1000).toFixed(1)} s, ` +
          `${wrong.length} answers of another member within ${(wrongMs / 1000).toFixed(1)} s; ` +
          `${newcomer.acknowledged.length} acknowledged, ${gone.length} of them missing; ${newcomer.failures.length} unanswered`,
      );
      expect(mayMiss(newcomer, gone)).toEqual([]);
      expect(wrongMs).toBeLessThanOrEqual(WRONG_MEMBER_MS);
      expect(pause).toBeLessThanOrEqual(one.goalMs * NOISE);
    }
    expect(writer.acknowledged.length).toBeGreaterThanOrEqual(20);
    expect(outage).toBeLessThanOrEqual(one.goalMs * NOISE);
  } finally {
    await writer.stop();
    await newcomer?.stop();
  }
}

/** The plug pulled, and put in again. */
export function powerCut(bench: Bench): Pick<FaultCase, "fault" | "recovery"> {
  return {
    fault: (leader) => bench.fleet.powerCut(leader),
    recovery: (leader) => bench.fleet.power(bench.fleet.idOf(leader), "on"),
  };
}

/** Its machine is lost with its disk; another one in its place gets the same configuration, and is let in. */
export function replaced(bench: Bench): Pick<FaultCase, "fault" | "recovery"> {
  return {
    fault: async (leader) => void (await bench.replace(leader)),
    recovery: async (leader) => {
      await bench.apply(bench.hosts.filter(({ name }) => name === leader));
    },
  };
}

/** Every process of that name in the leader killed: what is restarted, systemd restarts. */
export function killed(bench: Bench, process: string): Pick<FaultCase, "fault"> {
  return { fault: async (leader) => void (await bench.fleet.inside(leader, ["pkill", "-KILL", "-f", process])) };
}

/** The leader cut off from everything. @param alone tried in it then: a write that must not succeed. */
export function partition(
  bench: Bench,
  alone: (leader: string) => Promise<void>,
): Pick<FaultCase, "fault" | "recovery"> {
  return {
    fault: async (leader) => {
      await bench.fleet.setLinks(leader, "down");
      await alone(leader);
    },
    recovery: async (leader) => {
      await bench.fleet.setLinks(leader, "up");
      // The machine's default route went with its link, and only a start or the next `up` brings it back.
      await bench.run(leader, "/usr/local/sbin/keybuzz-private-route");
    },
  };
}

/** Asks again and again until the question has no objection left. @throws Error with the last one. */
export async function eventually(question: () => Promise<string | undefined>, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const objection = await question().catch((error: unknown) => (error as Error).message);
    if (objection === undefined) return;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${objection}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

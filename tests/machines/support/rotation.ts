import { log, type Bench } from "./bench";
import type { TestedCluster } from "./faults";
import type { LineClient } from "./lineClient";
import type { Writer, WriterOptions } from "./writer";

/** A cluster whose consumers log in; it knows the logins of one bench at a time. */
export interface RotatedCluster extends TestedCluster {
  /** The consumers have the logins of that plan from here on: whoever connects next uses them. */
  adopt(bench: Bench): void;
  /** Fails when the login of that bench is refused. */
  logIn(bench: Bench): Promise<void>;
  writer(name: string, options?: Partial<WriterOptions>): Promise<Writer>;
}

export interface Rotation {
  readonly name: string;
  /** Of the secrets that are rotated. */
  readonly ids: readonly string[];
  /** Group of hosts whose configuration has the secret. Default: none, accounts are all. */
  readonly group?: string;
  /** Run on the first member: what `up` does before consumers have the new login, and after all of them have it. */
  readonly accounts: (bench: Bench) => string | undefined;
  readonly retire: (bench: Bench) => string | undefined;
}

/** What a consumer may wait for an answer while something is rotated; no request may fail. */
const GOAL_MS = 2000;
/** On two busy cores everything takes longer. */
const NOISE = 2;

/**
 * One rotation as one `up` does it, while two consumers write: one keeps its connection, one makes a new one for each
 * write. Nobody is refused before, in between or after; in the end the old login is. @returns the bench as it is now.
 */
export async function rotates(bench: Bench, cluster: RotatedCluster, rotation: Rotation): Promise<Bench> {
  const { name, ids, group, accounts, retire } = rotation;
  const next = await rotated(bench, ids);
  const onFirst = async (script: string | undefined): Promise<void> => {
    if (script === undefined) throw new Error(`${name}: there is nothing to do`);
    await next.run(cluster.names[0] ?? "", script);
  };
  const pause = await undisturbed(cluster, name, async (steady) => {
    if (group !== undefined) await next.apply(next.group(group));
    await onFirst(accounts(next));
    await cluster.logIn(bench);
    await cluster.logIn(next);
    cluster.adopt(next);
    steady.reconnect();
    await steady.flowing(30_000);
    await onFirst(retire(next));
  });
  log(`${name}: no request failed; the longest wait for an answer was ${pause} ms (goal ${GOAL_MS} ms)`);
  await cluster.logIn(next);
  await Promise.all([next.expectNoChange(), onFirst(accounts(next))]);
  await expect(cluster.logIn(bench)).rejects.toThrow();
  return next;
}

/** Certificates: everything is as it was but for them. @returns the bench as it is now. */
export async function certificatesRotate(
  bench: Bench,
  cluster: RotatedCluster,
  { name, ids }: Pick<Rotation, "name" | "ids">,
): Promise<Bench> {
  const next = await rotated(bench, ids);
  const pause = await undisturbed(cluster, name, async () => {
    await next.apply();
    await cluster.whole();
  });
  log(`${name}: no request failed; the longest wait for an answer was ${pause} ms (goal ${GOAL_MS} ms)`);
  await next.expectNoChange();
  return next;
}

function rotated(bench: Bench, ids: readonly string[]): Promise<Bench> {
  const { rotations = {} } = bench.plan.environment;
  return bench.changed({
    rotations: { ...rotations, ...Object.fromEntries(ids.map((id) => [id, (rotations[id] ?? 0) + 1])) },
  });
}

/** @returns the longest that a write took, in ms. */
async function undisturbed(
  cluster: RotatedCluster,
  name: string,
  work: (steady: Writer) => Promise<void>,
): Promise<number> {
  await cluster.whole();
  const place = `writes_${name.replaceAll(/\W/g, "_").toLowerCase()}`;
  const steady = await cluster.writer(place);
  const fresh = await cluster.writer(`${place}_anew`, { fresh: true, intervalMs: 150 });
  const writers = [steady, fresh];
  try {
    await Promise.all(writers.map((writer) => writer.flowing(60_000)));
    await work(steady);
    await Promise.all(writers.map((writer) => writer.flowing(60_000)));
  } finally {
    await Promise.all(writers.map((writer) => writer.stop()));
  }
  for (const [writer, where] of [
    [steady, place],
    [fresh, `${place}_anew`],
  ] as const) {
    expect(writer.failures).toEqual([]);
    expect(await cluster.missing(where, writer)).toEqual([]);
  }
  const longest = Math.max(...writers.map((writer) => writer.longestWait));
  expect(longest).toBeLessThanOrEqual(GOAL_MS * NOISE);
  return longest;
}

/** Opens a client and closes it again. @throws when it is refused. */
export async function tryLogin(client: LineClient, question: string, answer: string): Promise<void> {
  try {
    const said = await client.ask(question, 15_000);
    if (said !== answer) throw new Error(said);
  } finally {
    client.close();
  }
}

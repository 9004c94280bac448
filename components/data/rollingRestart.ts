import { join } from "node:path";
import { PENDING_DIRECTORY } from "../machines/expandHostConfig";
import type { MemberTurn } from "../machines/resizing";
import { shellScript } from "../machines/shellScript";
import type { HostRef } from "../topology/party";

/** How long the cluster may take until it is whole again after one member's restart; a large member recovers slowly. */
const WHOLE_SECONDS = 600;
/** Bash: `until_whole`. */
const WHOLE = shellScript(join(__dirname, "rollingWhole.sh"));
/** How long members may take to find each other once every one of them is configured. */
export const FORMED_SECONDS = 300;

/** What is particular to one kind of cluster. */
export interface RollingRestart {
  /** For messages: "PostgreSQL". */
  readonly cluster: string;
  /** Units that wait for their turn (UnitSpec.restart), in the order in which they are restarted. */
  readonly units: readonly string[];
  /**
   * Bash that a member runs as root, with secret placeholders; these functions:
   * - `whole` succeeds when every member takes part, and prints what is wrong otherwise;
   * - with hasLeader, `leads` succeeds on the member that leads, and `hand_over` makes another one lead;
   * - with knowsOwn, `due` succeeds where the daemon waits for a restart, and `restart_own` does it.
   */
  readonly functions: string;
  /** Default false: nobody leads, and one pass is enough. */
  readonly hasLeader?: boolean;
  /** The daemon itself knows of restarts that are due. Default false. */
  readonly knowsOwn?: boolean;
  /** Members take their turns from the last to the first, which is the one preferred for writes. Default false. */
  readonly lastFirst?: boolean;
}

/** One step of a roll-out: this member's turn, and in which pass. */
export interface Turn {
  readonly host: HostRef;
  /** followers: the one that leads is left for the second pass, in which it hands over first. */
  readonly pass: "followers" | "leader" | "only";
}

/** Everybody's turns, to be taken one after the other: those that follow first, then whoever led. */
export function turns(rolling: RollingRestart, hosts: readonly HostRef[]): readonly Turn[] {
  const order = rolling.lastFirst === true ? [...hosts].reverse() : hosts;
  if (rolling.hasLeader !== true || hosts.length < 2) return order.map((host) => ({ host, pass: "only" }));
  return (["followers", "leader"] as const).flatMap((pass) => order.map((host) => ({ host, pass })));
}

/**
 * For any member, when all are configured: waits until every one takes part, so that the cluster can lose one before
 * anybody uses it. Redis' Sentinels, for example, meet only over a living primary: one that dies before is not replaced.
 */
export function formedScript({ cluster, functions }: RollingRestart, seconds = FORMED_SECONDS): string {
  return functions + WHOLE + shellScript(join(__dirname, "rollingFormed.sh"), { cluster, whole_seconds: seconds });
}

/** Around a time without power of one member: it leaves a whole cluster, and comes back to one. */
export function powerTurn(rolling: RollingRestart, host: HostRef, memberCount: number): MemberTurn {
  const { cluster, functions } = rolling;
  const leave = shellScript(join(__dirname, "rollingLeave.sh"), {
    cluster,
    host: host.name,
    has_leader: rolling.hasLeader === true && memberCount > 1,
    whole_seconds: WHOLE_SECONDS,
  });
  return {
    leave: functions + WHOLE + leave,
    back: formedScript(rolling, WHOLE_SECONDS),
    // It waits twice for a whole cluster.
    timeoutSeconds: 3 * WHOLE_SECONDS,
  };
}

/**
 * One member's turn. Does nothing where no restart is due. Otherwise: the cluster must be whole, the leader hands
 * over, the daemons restart, and the cluster must be whole again; if it is not, the script fails, nobody else's turn
 * comes, and the next run goes on where this one stopped.
 */
export function turnScript(rolling: RollingRestart, { host, pass }: Turn, wholeSeconds = WHOLE_SECONDS): string {
  const turn = shellScript(join(__dirname, "rollingTurn.sh"), {
    cluster: rolling.cluster,
    host: host.name,
    pass,
    units: rolling.units,
    knows_own: rolling.knowsOwn ?? false,
    pending: PENDING_DIRECTORY,
    whole_seconds: wholeSeconds,
  });
  return rolling.functions + WHOLE + turn;
}

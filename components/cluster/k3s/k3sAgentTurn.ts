import { join } from "node:path";
import { PENDING_DIRECTORY } from "../../machines/expandHostConfig";
import { shellScript } from "../../machines/shellScript";
import { K3S_PATHS } from "./k3sConfig";
import { stagedBinary, type K3sRelease } from "./k3sRelease";

/** Unit of a worker's K3s. */
export const AGENT_UNIT = "k3s-agent.service";
/** On every worker. */
export const AGENT_RESTART_SCRIPT = "/usr/local/sbin/k3s-agent-restart";
/** The longest that a worker's restart takes: to start, and to be healthy. */
export const AGENT_RESTART_TIMEOUT_SECONDS = 1600;
/** On every server; takes "drain" or "resume", the Node, and the release that it is to have. */
export const AGENT_TURN_SCRIPT = "/usr/local/sbin/k3s-agent-turn";
/** Seconds that either may take in all. */
export const AGENT_TURN_TIMEOUT_SECONDS = 1200;

/**
 * On a worker, in its turn: the staged binary takes its place, and K3s restarts; containers outlive it. Nothing happens
 * where K3s has what it is to have, as on a machine that was made in this run.
 */
export function agentRestartScript(host: string, release: K3sRelease): string {
  return shellScript(join(__dirname, "k3sAgentRestart.sh"), {
    HOST: host,
    K3S: K3S_PATHS.binary,
    STAGED: stagedBinary(release),
    VERSION: release.version,
    PENDING: `${PENDING_DIRECTORY}/turn:${AGENT_UNIT}`,
  });
}

/**
 * On a server: empties a worker before it becomes one of another release (kubernetes.io, upgrade a cluster), and takes it
 * back afterwards. Where pods do not leave in time, the worker goes on as it was, and the roll-out ends there.
 */
export function agentTurnScript(): string {
  return shellScript(join(__dirname, "k3sAgentTurn.sh"), { K3S: K3S_PATHS.binary });
}

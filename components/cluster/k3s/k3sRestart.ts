import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import { K3S_PATHS } from "./k3sConfig";
import { stagedBinary, type K3sRelease } from "./k3sRelease";

export const RESTART_SCRIPT = "/usr/local/sbin/k3s-restart-in-turn";
/** The longest that it takes: to wait for its turn, and to be ready again. */
export const RESTART_TIMEOUT_SECONDS = 1600;

export interface RestartArgs {
  readonly host: string;
  readonly others: readonly { readonly name: string; readonly address: string }[];
  /** K3s must have started after these changed; otherwise it is restarted. */
  readonly files: readonly string[];
  readonly release: K3sRelease;
}

/**
 * Restarts a server's K3s, one server at a time: etcd must keep its majority, and the renewal of certificates restarts
 * servers as well. A ConfigMap in the cluster itself is the turn, because creating it is atomic. The turn begins only when
 * every other server answers, and ends when this one is ready again; if it does not get ready, the turn stays taken,
 * so that the roll-out stops there and the other servers keep running. Another release's binary takes its place in the turn,
 * not before.
 *
 * A changed server token is made known to the cluster first, by the first server that has its turn: K3s keeps what new
 * servers start from under it. Snapshots taken before can be restored with the old token only.
 *
 * A server whose own API does not answer has nothing to lose: it is restarted without a turn.
 */
export function restartScript({ host, others, files, release }: RestartArgs): string {
  return shellScript(join(__dirname, "k3sRestart.sh"), {
    HOST: host,
    OTHERS: others.map(({ name, address }) => `${name} ${address}`),
    FILES: files,
    TOKEN: K3S_PATHS.token,
    K3S: K3S_PATHS.binary,
    STAGED: stagedBinary(release),
    VERSION: release.version,
  });
}

import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import { K3S_PATHS } from "./k3sConfig";

/** On every server; takes the name of the Node that leaves. */
export const RETIRE_SCRIPT = "/usr/local/sbin/k3s-retire-node";

/** Seconds that a run of the script may take in all. */
export const RETIRE_TIMEOUT_SECONDS = 1200;

/**
 * Takes a Node out of the cluster before its machine goes: no new pods, the old ones leave as their budgets allow,
 * then the Node is deleted, and with a server's Node its etcd member (k3s-io/k3s pkg/etcd). If the pods do not leave
 * in time it fails, and with it the deletion of the machine. A Node that is not Ready has nobody to say goodbye to.
 */
export function retireScript(): string {
  return shellScript(join(__dirname, "k3sRetire.sh"), { K3S: K3S_PATHS.binary });
}

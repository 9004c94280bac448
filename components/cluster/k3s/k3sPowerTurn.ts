import { join } from "node:path";
import type { MemberTurn } from "../../machines/resizing";
import { shellScript } from "../../machines/shellScript";
import { K3S_PATHS } from "./k3sConfig";

/** The longest that a worker is emptied, or a Node waited for, and what is asked before. */
const TIMEOUT_SECONDS = 1800;

/**
 * For a server, around a time without power of a Node: every Node is Ready before, a worker whose pods can go elsewhere
 * is emptied, and afterwards the Node is Ready and in service again.
 *
 * @param emptied can another worker have its pods?
 */
export function k3sPowerTurn(node: string, emptied: boolean): MemberTurn {
  const script = (step: "leave" | "back"): string =>
    shellScript(join(__dirname, "k3sPowerTurn.sh"), {
      K3S: K3S_PATHS.binary,
      STEP: step,
      NODE: node,
      EMPTIED: emptied,
    });
  return { leave: script("leave"), back: script("back"), timeoutSeconds: TIMEOUT_SECONDS };
}

import ssh2 from "ssh2";
import { isWhole, KEY_ATTEMPTS, type OpenSshPair } from "@standin/common/openSshPair";

/** A fresh Ed25519 pair in OpenSSH's formats. */
export function hostKeyPair(comment: string): OpenSshPair {
  for (let attempt = 0; attempt < KEY_ATTEMPTS; attempt += 1) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519", { comment });
    if (isWhole(pair)) return pair;
  }
  throw new Error(`no usable Ed25519 key in ${KEY_ATTEMPTS} attempts; the installed ssh2 cannot make any`);
}

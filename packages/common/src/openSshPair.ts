import ssh2 from "ssh2";

/** A key pair in OpenSSH's formats. */
export interface OpenSshPair {
  readonly public: string;
  readonly private: string;
}

/** One Ed25519 key in 256 comes out broken (ssh2 1.17 drops leading zero bytes, measured: 11 of 3,000). */
export const KEY_ATTEMPTS = 20;

/** Can both halves be read back? If not, make another pair. */
export function isWhole(pair: OpenSshPair): boolean {
  return [pair.private, pair.public].every((text) => !(ssh2.utils.parseKey(text) instanceof Error));
}

import { createHash, timingSafeEqual } from "node:crypto";

/** Does a password file of nginx let this Authorization in? It knows the kind {SSHA}: salted SHA-1. */
export function lets(file: string, authorization: string | undefined): boolean {
  const [, encoded = ""] = /^Basic (\S+)$/i.exec(authorization ?? "") ?? [];
  const [, user = "", password = ""] = /^([^:]*):([\s\S]*)$/.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  const line = file.split("\n").find((one) => one.startsWith(`${user}:`) && user !== "");
  const [, written = ""] = /^[^:]+:\{SSHA\}(\S+)$/.exec(line ?? "") ?? [];
  const bytes = Buffer.from(written, "base64");
  if (bytes.length <= SHA1_BYTES) return false;
  const hash = createHash("sha1").update(password).update(bytes.subarray(SHA1_BYTES)).digest();
  return timingSafeEqual(hash, bytes.subarray(0, SHA1_BYTES));
}

const SHA1_BYTES = 20;

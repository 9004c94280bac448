const SHAPE =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) ([A-Za-z0-9+/]+={0,2})(?: [^\r\n]*)?$/;

/** What an OpenSSH public key of one line is, without its comment: two equal ones log in the same. Undefined: it is none. */
export function publicKeyBody(line: string): string | undefined {
  const [, type = "", blob = ""] = SHAPE.exec(line) ?? [];
  if (type === "") return undefined;
  // The key itself begins with its type (RFC 4253, 6.6): one that was cut off or put together does not.
  const bytes = Buffer.from(blob, "base64");
  const named = bytes.length > 4 ? bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString("latin1") : "";
  return named === type && bytes.length > 4 + type.length ? `${type} ${blob}` : undefined;
}

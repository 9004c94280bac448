// What nobody knows before a provider has made it: made up where a program is asked what it registers, and never shown.

/** Addresses as nobody has them (RFC 5737). */
export const MADE_UP_ADDRESSES = { ipAddress: "203.0.113.9", ipv4: "203.0.113.10" } as const;

/** A made-up text begins with it, in base64 where it has the form of a key or a certificate. */
export const MADE_UP = "made-up ";

const IN_BASE64 = Buffer.from(MADE_UP).toString("base64").slice(0, 10);
const KEYS = new RegExp(`ssh-ed25519 ${IN_BASE64}[\\w+/=]*`, "g");
const BLOCKS = new RegExp(`-----BEGIN ([A-Z ]+)-----\\n${IN_BASE64}[\\w+/=\\n]*-----END \\1-----`, "g");

/** A text with words in the place of what is made up. */
export function withoutMadeUp(text: string): string {
  if (Object.values<string>(MADE_UP_ADDRESSES).includes(text)) return "(an address that Hetzner gives)";
  return text
    .replaceAll(KEYS, "(a public key that is made)")
    .replaceAll(BLOCKS, (_, what: string) => `(${what.toLowerCase()} that is made)`);
}

import { createHash, createHmac } from "node:crypto";

/** Text that is the same for equal content, whatever the order of its keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** 16 hexadecimal digits that change with the content. Only for what is not secret. */
export function contentChecksum(content: unknown): string {
  return createHash("sha256").update(canonical(content)).digest("hex").slice(0, 16);
}

/**
 * 16 hexadecimal digits that change with the secrets and reveal nothing of them: a plain hash of a short
 * password could be guessed, one keyed with a generated secret cannot.
 */
export function secretChecksum(key: string, values: Readonly<Record<string, string>>): string {
  return createHmac("sha256", key).update(canonical(values)).digest("hex").slice(0, 16);
}

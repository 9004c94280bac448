import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { EngineError } from "./errors";
import type { EngineValue } from "./values";
import { isList, isMap, MASK, Secret } from "./values";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
// About 0.1 s and 32 MiB per run: slow enough against guessing, once per run only.
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const CHECK_TEXT = "standin-engine-state";

/** Encrypts the secrets of one state file: AES-256-GCM, key by scrypt from passphrase and salt. */
export class StateCipher {
  private readonly key: Buffer;

  private constructor(
    passphrase: string,
    /** Base64, kept in the state's header. */
    readonly salt: string,
  ) {
    this.key = scryptSync(passphrase, Buffer.from(salt, "base64"), 32, SCRYPT);
  }

  /** For a new state. */
  static create(passphrase: string): StateCipher {
    return new StateCipher(passphrase, randomBytes(16).toString("base64"));
  }

  /** For an existing state. @throws EngineError "passphrase" when it is not the one the state was made with. */
  static open(passphrase: string, salt: string, check: string, file: string): StateCipher {
    const cipher = new StateCipher(passphrase, salt);
    try {
      if (cipher.decrypt(check) === CHECK_TEXT) return cipher;
    } catch {
      // Falls through: GCM refuses what another key has written.
    }
    throw new EngineError(
      "passphrase",
      `${file}: the passphrase is not the one this state was encrypted with; nothing was changed. Pass the right one.`,
    );
  }

  /** What `open` verifies the passphrase with. */
  check(): string {
    return this.encrypt(CHECK_TEXT);
  }

  encrypt(text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, nonce);
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
  }

  /** @throws Error when the text was not written with this key, or was changed since. */
  decrypt(text: string): string {
    const bytes = Buffer.from(text, "base64");
    const decipher = createDecipheriv(ALGORITHM, this.key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
  }
}

// Shorter strings ("1", "on") would mask half of every message; they are still masked in properties.
const SHORTEST_MASKED = 4;

/**
 * The command package marks a whole SSH connection as secret. Its host and user are in every message, and the user
 * may be a word of every URN; its key and passwords are the secret.
 */
function isAddressPart(value: { readonly [key: string]: EngineValue }, key: string): boolean {
  return "host" in value && ["host", "port", "user", "hostKey"].includes(key);
}

/** Takes every secret seen so far out of free text: messages, logs, errors. */
export class SecretMasker {
  private readonly seen = new Set<string>();
  private ordered: readonly string[] | undefined;

  /** Learns the strings under a value's secret markers. */
  learn(value: EngineValue, inSecret = false): void {
    if (value instanceof Secret) this.learn(value.value, true);
    else if (isList(value)) for (const v of value) this.learn(v, inSecret);
    else if (isMap(value))
      for (const [key, v] of Object.entries(value)) this.learn(v, inSecret && !isAddressPart(value, key));
    else if (inSecret && typeof value === "string") this.add(value);
    else if (inSecret && typeof value === "number") this.add(String(value));
  }

  private add(text: string): void {
    const escaped = JSON.stringify(text).slice(1, -1);
    // Keys and certificates are quoted line by line in the messages of tools.
    const lines = text.includes("\n")
      ? text.split("\n").filter((line) => line.length >= 24 && !line.startsWith("-----"))
      : [];
    for (const form of [
      text,
      text.trim(),
      escaped,
      Buffer.from(text).toString("base64"),
      encodeURIComponent(text),
      ...lines,
    ]) {
      if (form.length >= SHORTEST_MASKED && !this.seen.has(form)) {
        this.seen.add(form);
        this.ordered = undefined;
      }
    }
  }

  mask(text: string): string {
    // Longest first, so that a secret within another leaves no rest.
    this.ordered ??= [...this.seen].sort((a, b) => b.length - a.length);
    let masked = text;
    for (const form of this.ordered) if (masked.includes(form)) masked = masked.replaceAll(form, MASK);
    return masked;
  }
}

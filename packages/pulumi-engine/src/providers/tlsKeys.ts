import { createHash, createPrivateKey, createPublicKey, generateKeyPair } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { utils } from "ssh2";
import { isWhole, KEY_ATTEMPTS, type OpenSshPair } from "@standin/common/openSshPair";
import type { Properties } from "../provider";
import type { LocalType } from "./localProvider";

/** Facts: @pulumi/tls 5.6 (terraform-provider-tls 4.x). */
const CURVES = { P224: "secp224r1", P256: "prime256v1", P384: "secp384r1", P521: "secp521r1" } as const;

/** "RSA", "ECDSA" or "ED25519", as the provider names them. @throws Error for other kinds of key. */
export function algorithmOf(key: KeyObject): "RSA" | "ECDSA" | "ED25519" {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return "RSA";
    case "ec":
      return "ECDSA";
    case "ed25519":
      return "ED25519";
    default:
      throw new Error(`a ${String(key.asymmetricKeyType)} key; RSA, ECDSA and ED25519 are supported`);
  }
}

/** The PEM form that the provider gives: PKCS#1, SEC1 or (ED25519) PKCS#8. */
export function privatePem(key: KeyObject): string {
  const algorithm = algorithmOf(key);
  const type = algorithm === "RSA" ? "pkcs1" : algorithm === "ECDSA" ? "sec1" : "pkcs8";
  return key.export({ format: "pem", type }) as string;
}

interface GeneratedKey {
  readonly key: KeyObject;
  /** OpenSSH form; "" where OpenSSH has none (P224). */
  readonly openssh: string;
  /** authorized_keys form with a newline at its end; "" where OpenSSH has none. */
  readonly authorized: string;
}

function fromOpenSsh(pair: OpenSshPair): GeneratedKey {
  const parsed = utils.parseKey(pair.private);
  if (parsed instanceof Error) throw parsed;
  return {
    key: createPrivateKey(parsed.getPrivatePEM()),
    openssh: pair.private,
    authorized: `${pair.public.trim()}\n`,
  };
}

async function generate(
  algorithm: "RSA" | "ECDSA" | "ED25519",
  curve: keyof typeof CURVES,
  bits: number,
): Promise<GeneratedKey> {
  if (algorithm === "ECDSA" && curve === "P224") {
    const { privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: CURVES.P224 });
    return { key: privateKey, openssh: "", authorized: "" };
  }
  for (let attempt = 0; attempt < KEY_ATTEMPTS; attempt += 1) {
    const pair = await openSshPair(algorithm, curve, bits);
    if (isWhole(pair)) return fromOpenSsh(pair);
  }
  throw new Error(`no usable ${algorithm} key in ${KEY_ATTEMPTS} attempts; the installed ssh2 cannot make any`);
}

function openSshPair(
  algorithm: "RSA" | "ECDSA" | "ED25519",
  curve: keyof typeof CURVES,
  bits: number,
): Promise<OpenSshPair> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, made: OpenSshPair): void => {
      if (error === null) resolve(made);
      else reject(error);
    };
    if (algorithm === "RSA") utils.generateKeyPair("rsa", { bits }, done);
    else if (algorithm === "ECDSA")
      utils.generateKeyPair("ecdsa", { bits: curve === "P256" ? 256 : curve === "P384" ? 384 : 521 }, done);
    else utils.generateKeyPair("ed25519", {}, done);
  });
}

function fingerprints(authorized: string): { readonly md5: string; readonly sha256: string } {
  if (authorized === "") return { md5: "", sha256: "" };
  const blob = Buffer.from(authorized.split(" ")[1] ?? "", "base64");
  const md5 = createHash("md5").update(blob).digest("hex").match(/../g)?.join(":") ?? "";
  return { md5, sha256: `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}` };
}

/** The public half in every form the provider gives it. */
function publicForms(key: KeyObject, authorized: string): Properties {
  const prints = fingerprints(authorized);
  return {
    publicKeyPem: createPublicKey(key).export({ format: "pem", type: "spki" }) as string,
    publicKeyOpenssh: authorized,
    publicKeyFingerprintMd5: prints.md5,
    publicKeyFingerprintSha256: prints.sha256,
  };
}

/** Identifies a key as the provider does: SHA-1 of its public half. */
export function keyId(key: KeyObject): string {
  return createHash("sha1")
    .update(createPublicKey(key).export({ format: "der", type: "spki" }))
    .digest("hex");
}

interface KeyInputs {
  readonly algorithm: "RSA" | "ECDSA" | "ED25519";
  readonly ecdsaCurve?: keyof typeof CURVES;
  readonly rsaBits?: number;
}

/** tls.PrivateKey. */
export const privateKey: LocalType = {
  rules: {
    algorithm: { oneOf: ["RSA", "ECDSA", "ED25519"] },
    ecdsaCurve: { default: "P224", oneOf: Object.keys(CURVES) },
    rsaBits: { default: 2048, between: [1024, 16384] },
  },
  create: async (inputs) => {
    const { algorithm, ecdsaCurve = "P224", rsaBits = 2048 } = inputs as unknown as KeyInputs;
    const { key, openssh, authorized } = await generate(algorithm, ecdsaCurve, rsaBits);
    return {
      id: keyId(key),
      outputs: {
        privateKeyPem: privatePem(key),
        privateKeyPemPkcs8: key.export({ format: "pem", type: "pkcs8" }) as string,
        privateKeyOpenssh: openssh,
        ...publicForms(key, authorized),
      },
    };
  },
};

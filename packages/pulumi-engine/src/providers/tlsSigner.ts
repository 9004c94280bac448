import { createPrivateKey, webcrypto } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { algorithmOf } from "./tlsKeys";

type CryptoKey = webcrypto.CryptoKey;
type SigningAlgorithm = webcrypto.Algorithm | webcrypto.EcdsaParams;

/** A key pair as certificates are signed with it. */
export interface Signer {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly algorithm: SigningAlgorithm;
  readonly kind: ReturnType<typeof algorithmOf>;
}

const WEB_CURVES: { readonly [curve: string]: { readonly name: string; readonly hash: string } } = {
  prime256v1: { name: "P-256", hash: "SHA-256" },
  secp384r1: { name: "P-384", hash: "SHA-384" },
  secp521r1: { name: "P-521", hash: "SHA-512" },
};

function readKey(text: string, property: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    // OpenSSL's message could quote the input.
    throw new Error(`${property}: is not a private key in PEM format`);
  }
}

/** Reads a private key in PEM form. @throws Error naming the property, never quoting the key. */
export async function signer(text: string, property: string): Promise<Signer> {
  const key = readKey(text, property);
  const kind = algorithmOf(key);
  const curve = WEB_CURVES[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (kind === "ECDSA" && curve === undefined)
    throw new Error(`${property}: certificates with the curve P224 are not part of the embedded engine; use P256`);
  const keyAlgorithm =
    kind === "RSA"
      ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
      : kind === "ECDSA"
        ? { name: "ECDSA", namedCurve: curve?.name ?? "" }
        : { name: "Ed25519" };
  const privateKey = await webcrypto.subtle.importKey(
    "pkcs8",
    key.export({ format: "der", type: "pkcs8" }),
    keyAlgorithm,
    true,
    ["sign"],
  );
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, key_ops: _ops, ...jwk } = key.export({ format: "jwk" });
  const publicKey = await webcrypto.subtle.importKey("jwk", jwk as webcrypto.JsonWebKey, keyAlgorithm, true, [
    "verify",
  ]);
  const algorithm = kind === "ECDSA" ? { name: "ECDSA", hash: curve?.hash ?? "SHA-256" } : keyAlgorithm;
  return { privateKey, publicKey, algorithm, kind };
}

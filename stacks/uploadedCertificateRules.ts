import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import type { Mistake } from "./mistakes";

/** Hetzner's limits since October 2026 (docs/reference/hetzner.md). */
const LONGEST_CHAIN = 5;
const LARGEST_KEY_BYTES = 5 * 1024;
const LARGEST_CHAIN_BYTES = 30 * 1024;
/** Days that a certificate must still be good for: a run is no place to find out that it ends over the weekend. */
const LEAST_DAYS = 7;
const DAY_MS = 86_400_000;

const CERTIFICATE = "keybuzz:webCertificate";
const KEY = "keybuzz:webCertificateKey";
const SET = (path: string, file: string): string => `pulumi config set --secret ${path} < ${file}`;

/**
 * Every reason for which the balancers, or browsers, would refuse an uploaded certificate; said before anything is
 * registered. Absent values are somebody else's to complain of. No message shows the key.
 *
 * @param now default: the clock's time.
 */
export function uploadedCertificateRules(
  { certificate, privateKey }: { readonly certificate: string | undefined; readonly privateKey: string | undefined },
  hosts: readonly string[],
  now: Date = new Date(),
): readonly Mistake[] {
  const fresh = `upload another one: ${SET(CERTIFICATE, "fullchain.pem")}, and its key`;
  const leaf = certificate === undefined ? undefined : parsed(() => new X509Certificate(certificate));
  const key = privateKey === undefined ? undefined : parsed(() => createPrivateKey(privateKey));
  return [
    ...(certificate === undefined ? [] : chainMistakes(certificate, leaf, hosts, now, fresh)),
    ...(privateKey === undefined ? [] : keyMistakes(privateKey, key)),
    ...(leaf !== undefined && key !== undefined && !leaf.checkPrivateKey(key)
      ? [{ path: KEY, problem: `is not the key of the certificate in ${CERTIFICATE}; ${SET(KEY, "privkey.pem")}` }]
      : []),
  ];
}

function chainMistakes(
  certificate: string,
  leaf: X509Certificate | undefined,
  hosts: readonly string[],
  now: Date,
  fresh: string,
): readonly Mistake[] {
  if (leaf === undefined)
    return [
      { path: CERTIFICATE, problem: `is no X.509 certificate in PEM form; ${SET(CERTIFICATE, "fullchain.pem")}` },
    ];
  const length = certificate.split("-----BEGIN CERTIFICATE-----").length - 1;
  const uncovered = hosts.filter((host) => leaf.checkHost(host, { subject: "never" }) === undefined);
  const daysLeft = (Date.parse(leaf.validTo) - now.getTime()) / DAY_MS;
  const problems = [
    length > LONGEST_CHAIN &&
      `is a chain of ${length} certificates, Hetzner takes ${LONGEST_CHAIN}; leave out the root and what does not lead to it`,
    Buffer.byteLength(certificate) > LARGEST_CHAIN_BYTES &&
      `is ${Buffer.byteLength(certificate)} bytes long, Hetzner takes ${LARGEST_CHAIN_BYTES}; leave out what is no part of the chain`,
    uncovered.length > 0 &&
      `does not cover ${uncovered.join(", ")} (it is for ${leaf.subjectAltName ?? "no name"}); ${fresh}`,
    daysLeft < LEAST_DAYS &&
      `${daysLeft < 0 ? "ended" : "ends"} ${leaf.validTo}; it must be good for ${LEAST_DAYS} days at least; ${fresh}`,
    Date.parse(leaf.validFrom) > now.getTime() && `is not valid before ${leaf.validFrom}; ${fresh}`,
  ];
  return problems.flatMap((problem) => (problem === false ? [] : [{ path: CERTIFICATE, problem }]));
}

function keyMistakes(privateKey: string, key: KeyObject | undefined): readonly Mistake[] {
  const bytes = Buffer.byteLength(privateKey);
  return [
    ...(key === undefined
      ? [{ path: KEY, problem: `is no private key in PEM form without a passphrase; ${SET(KEY, "privkey.pem")}` }]
      : []),
    ...(bytes > LARGEST_KEY_BYTES
      ? [{ path: KEY, problem: `is ${bytes} bytes long, Hetzner takes ${LARGEST_KEY_BYTES}; use an ECDSA P-256 key` }]
      : []),
  ];
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

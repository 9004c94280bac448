import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import type { Mistake } from "../components/mistakes";

/** Hetzner's limits since October 2026 (docs/reference/hetzner.md). */
const LONGEST_CHAIN = 5;
const LARGEST_KEY_BYTES = 5 * 1024;
const LARGEST_CHAIN_BYTES = 30 * 1024;
/** Days that a certificate must still be good for: a run is no place to find out that it ends over the weekend. */
const LEAST_DAYS = 7;
const DAY_MS = 86_400_000;

const CERTIFICATE = "keybuzz:webCertificate";
const KEY = "keybuzz:webCertificateKey";
const SET_CERTIFICATE = `pulumi config set --secret ${CERTIFICATE} < fullchain.pem`;
const SET_KEY = `pulumi config set --secret ${KEY} < privkey.pem`;
const FRESH = `upload another one: ${SET_CERTIFICATE}, and its key`;

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
  const leaf = certificate === undefined ? undefined : parsed(() => new X509Certificate(certificate));
  const key = privateKey === undefined ? undefined : parsed(() => createPrivateKey(privateKey));
  return [
    ...(certificate === undefined ? [] : chainMistakes(certificate, leaf, hosts, now)),
    ...(privateKey === undefined ? [] : keyMistakes(privateKey, key)),
    ...(leaf !== undefined && key !== undefined && !leaf.checkPrivateKey(key)
      ? [{ path: KEY, found: "another key", allowed: `that of the certificate in ${CERTIFICATE}`, fix: SET_KEY }]
      : []),
  ];
}

function chainMistakes(
  certificate: string,
  leaf: X509Certificate | undefined,
  hosts: readonly string[],
  now: Date,
): readonly Mistake[] {
  if (leaf === undefined)
    return [
      { path: CERTIFICATE, found: "something else", allowed: "an X.509 certificate in PEM form", fix: SET_CERTIFICATE },
    ];
  const length = certificate.split("-----BEGIN CERTIFICATE-----").length - 1;
  const uncovered = hosts.filter((host) => leaf.checkHost(host, { subject: "never" }) === undefined);
  const daysLeft = (Date.parse(leaf.validTo) - now.getTime()) / DAY_MS;
  const bytes = Buffer.byteLength(certificate);
  const mistake = (wrong: boolean, found: string, allowed: string, fix = FRESH): readonly Mistake[] =>
    wrong ? [{ path: CERTIFICATE, found, allowed, fix }] : [];
  return [
    ...mistake(
      length > LONGEST_CHAIN,
      `a chain of ${length} certificates`,
      `${LONGEST_CHAIN}, which Hetzner takes`,
      "leave out the root and what does not lead to it",
    ),
    ...mistake(
      bytes > LARGEST_CHAIN_BYTES,
      `${bytes} bytes`,
      `${LARGEST_CHAIN_BYTES}, which Hetzner takes`,
      "leave out what is no part of the chain",
    ),
    ...mistake(
      uncovered.length > 0,
      `one for ${leaf.subjectAltName ?? "no name"}, which does not cover ${uncovered.join(", ")}`,
      "one that covers every public host",
    ),
    ...mistake(
      daysLeft < LEAST_DAYS,
      `one that ${daysLeft < 0 ? "ended" : "ends"} ${leaf.validTo}`,
      `one that is good for ${LEAST_DAYS} days at least`,
    ),
    ...mistake(
      Date.parse(leaf.validFrom) > now.getTime(),
      `one that is not valid before ${leaf.validFrom}`,
      "one that is valid now",
    ),
  ];
}

function keyMistakes(privateKey: string, key: KeyObject | undefined): readonly Mistake[] {
  const bytes = Buffer.byteLength(privateKey);
  return [
    ...(key === undefined
      ? [
          {
            path: KEY,
            found: "something else",
            allowed: "a private key in PEM form without a passphrase",
            fix: SET_KEY,
          },
        ]
      : []),
    ...(bytes > LARGEST_KEY_BYTES
      ? [
          {
            path: KEY,
            found: `${bytes} bytes`,
            allowed: `${LARGEST_KEY_BYTES}, which Hetzner takes`,
            fix: "use an ECDSA P-256 key",
          },
        ]
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

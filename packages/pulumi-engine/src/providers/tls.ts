import { PROVIDER_TABLES } from "../bridge/table";
import type { ProviderFactory } from "../provider";
import { localProvider } from "./localProvider";
import { certRequest, locallySignedCert, selfSignedCert } from "./tlsCertificates";
import { privateKey } from "./tlsKeys";

/**
 * The package "tls": keys and certificates, made with Node's own cryptography; a certificate within earlyRenewalHours of
 * its end is replaced by the next run. Not there: write-only inputs (privateKeyPemWo), curve P224 in certificates, and
 * functions.
 *
 * @param now the clock by which certificates begin and end.
 */
export const tlsProviderAt = (now: () => Date): ProviderFactory =>
  localProvider(
    PROVIDER_TABLES.tls,
    {
      "tls:index/privateKey:PrivateKey": privateKey,
      "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
      "tls:index/certRequest:CertRequest": certRequest,
      "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
    },
    now,
  );

/** By the machine's clock. */
export const tlsProvider = tlsProviderAt(() => new Date());

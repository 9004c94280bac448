import { PROVIDER_TABLES } from "../bridge/table";
import { localProvider } from "./localProvider";
import { certRequest, locallySignedCert, selfSignedCert } from "./tlsCertificates";
import { privateKey } from "./tlsKeys";

/**
 * The package "tls": keys and certificates, made with Node's own cryptography. Not there: write-only inputs
 * (privateKeyPemWo), curve P224 in certificates, functions, and renewal by time (readyForRenewal stays false).
 */
export const tlsProvider = localProvider(PROVIDER_TABLES.tls, {
  "tls:index/privateKey:PrivateKey": privateKey,
  "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
  "tls:index/certRequest:CertRequest": certRequest,
  "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
});

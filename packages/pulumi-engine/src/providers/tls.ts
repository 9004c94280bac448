import { localProvider } from "./localProvider";
import { certRequest, locallySignedCert, selfSignedCert } from "./tlsCertificates";
import { getPublicKey, privateKey } from "./tlsKeys";

/**
 * The package "tls": keys and certificates, made with Node's own cryptography. Not there: write-only inputs
 * (privateKeyPemWo), curve P224 in certificates, getCertificate, and renewal by time (readyForRenewal stays false).
 */
export const tlsProvider = localProvider(
  "tls",
  {
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
    "tls:index/certRequest:CertRequest": certRequest,
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
  },
  { "tls:index/getPublicKey:getPublicKey": getPublicKey },
);

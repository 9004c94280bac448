import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { ClusterAuthorities } from "./clusterAuthorities";
import { kubeconfig } from "./kubeconfig";

const DAY_HOURS = 24;
/** A year, as K3s gives its own. */
export const CREDENTIAL_DAYS = 365;
/** Renewed by the first `up` within so many days of its end: half a year after it was made. */
export const RENEWAL_DAYS = 182;

/** Who somebody is to the API. */
export interface ClientName {
  /** In its audit log: "keybuzz:program". */
  readonly user: string;
  /** That the cluster's role bindings speak of. */
  readonly group: string;
}

export interface ClusterCredentialArgs extends ClientName {
  readonly authorities: ClusterAuthorities;
  /** Of cluster, user and context in the kubeconfig. */
  readonly context: string;
  readonly serverUrl: pulumi.Input<string>;
  /** Name or address in the API's certificate. */
  readonly tlsServerName: string;
  /** What comes before anything is signed: the cluster's servers. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * A client certificate for the cluster's API, and the kubeconfig with it. It is signed here, with the cluster's client
 * authority: its renewal asks nothing of the cluster, and works when the one before has ended.
 */
export class ClusterCredential extends pulumi.ComponentResource {
  /** Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** When it ends, e.g. "2027-11-28T14:00:00Z". */
  readonly endsAt: pulumi.Output<string>;

  constructor(name: string, args: ClusterCredentialArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:cluster:ClusterCredential", name, {}, opts);
    const own = { parent: this };
    const { authorities } = args;
    const key = new tls.PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" }, own);
    const request = new tls.CertRequest(
      name,
      { privateKeyPem: key.privateKeyPem, subject: { commonName: args.user, organization: args.group } },
      own,
    );
    const certificate = new tls.LocallySignedCert(
      name,
      {
        certRequestPem: request.certRequestPem,
        caCertPem: authorities.client,
        caPrivateKeyPem: authorities.clientKey,
        allowedUses: ["digital_signature", "key_encipherment", "client_auth"],
        validityPeriodHours: CREDENTIAL_DAYS * DAY_HOURS,
        earlyRenewalHours: RENEWAL_DAYS * DAY_HOURS,
      },
      { ...own, dependsOn: [...args.dependsOn] },
    );
    this.endsAt = certificate.validityEndTime;
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([authorities.server, certificate.certPem, key.privateKeyPem, args.serverUrl])
        .apply(([serverAuthority, clientCertificate, clientKey, serverUrl]) =>
          kubeconfig({
            name: args.context,
            serverUrl,
            tlsServerName: args.tlsServerName,
            serverAuthority,
            clientCertificate,
            clientKey,
          }),
        ),
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}

import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

/** Where the certificates of the public hosts come from. */
export type CertificateSource =
  /** Hetzner gets and renews them from Let's Encrypt; needs the zone on Hetzner's DNS. */
  | { readonly kind: "managed" }
  /** One certificate for all hosts, PEM, from secret configuration. */
  | { readonly kind: "uploaded"; readonly certificate: pulumi.Input<string>; readonly privateKey: pulumi.Input<string> }
  /** Made here and trusted by nobody: for rehearsals. */
  | { readonly kind: "selfSigned" };

export interface CertificatesArgs {
  readonly source: CertificateSource;
  /** Every public host. */
  readonly hosts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** What must be there before a managed certificate can be proved: the zone. */
  readonly dependsOn: readonly pulumi.Resource[];
}

const SELF_SIGNED_HOURS = 365 * 24;

/**
 * The certificates of the web load balancers. They carry no explicit name: a new one is made, put into use, and
 * only then is the old one deleted.
 */
export class Certificates extends pulumi.ComponentResource {
  readonly ids: readonly pulumi.Output<number>[];

  constructor(name: string, args: CertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:network:Certificates", name, {}, opts);
    this.ids = this.#make(name, args).map((id) => id.apply(Number));
    this.registerOutputs();
  }

  #make(name: string, { source, hosts, labels, dependsOn }: CertificatesArgs): readonly pulumi.Output<string>[] {
    const opts = { parent: this };
    switch (source.kind) {
      case "managed":
        return hosts.map(
          (host) =>
            new hcloud.ManagedCertificate(
              `${name}-${host}`,
              { domainNames: [host], labels: { ...labels } },
              { ...opts, dependsOn: [...dependsOn] },
            ).id,
        );
      case "uploaded":
        return [
          new hcloud.UploadedCertificate(
            `${name}-uploaded`,
            { certificate: source.certificate, privateKey: pulumi.secret(source.privateKey), labels: { ...labels } },
            opts,
          ).id,
        ];
      case "selfSigned": {
        const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, opts);
        const certificate = new tls.SelfSignedCert(
          `${name}-self-signed`,
          {
            privateKeyPem: key.privateKeyPem,
            subject: { commonName: hosts[0] ?? name, organization: "KeyBuzz rehearsal" },
            dnsNames: [...hosts],
            allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
            validityPeriodHours: SELF_SIGNED_HOURS,
          },
          opts,
        );
        return [
          new hcloud.UploadedCertificate(
            `${name}-self-signed`,
            { certificate: certificate.certPem, privateKey: key.privateKeyPem, labels: { ...labels } },
            opts,
          ).id,
        ];
      }
    }
  }
}

import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { ManagedHost, ManagedPlan } from "./certificatePlan";

/** Where the certificates of the public hosts come from. */
export type CertificateSource =
  /** Hetzner gets and renews them from Let's Encrypt; what it cannot get yet is self-signed. */
  | { readonly kind: "managed"; readonly plan: ManagedPlan }
  /** One certificate for all hosts, PEM, from secret configuration. */
  | { readonly kind: "uploaded"; readonly certificate: pulumi.Input<string>; readonly privateKey: pulumi.Input<string> }
  /** Made here and trusted by nobody. */
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

/** Label of a managed certificate that is not the first for its host; Hetzner knows it, so that nobody else must. */
export const ATTEMPT_LABEL = "attempt";

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

  #make(name: string, args: CertificatesArgs): readonly pulumi.Output<string>[] {
    const { source, hosts, labels } = args;
    switch (source.kind) {
      case "managed": {
        const { managed, interim } = source.plan;
        return [
          ...managed.map((one) => this.#managed(name, one, args)),
          ...(interim.length === 0 ? [] : [this.#selfSigned(name, interim, labels)]),
        ];
      }
      case "uploaded":
        return [
          new hcloud.UploadedCertificate(
            `${name}-uploaded`,
            { certificate: source.certificate, privateKey: pulumi.secret(source.privateKey), labels: { ...labels } },
            { parent: this },
          ).id,
        ];
      case "selfSigned":
        return [this.#selfSigned(name, hosts, labels)];
    }
  }

  /** A further attempt is another certificate: the failed one goes once the balancers have the new one. */
  #managed(
    name: string,
    { host, attempt }: ManagedHost,
    { labels, dependsOn }: CertificatesArgs,
  ): pulumi.Output<string> {
    return new hcloud.ManagedCertificate(
      `${name}-${host}`,
      { domainNames: [host], labels: { ...labels, ...(attempt === 1 ? {} : { [ATTEMPT_LABEL]: String(attempt) }) } },
      { parent: this, dependsOn: [...dependsOn], replaceOnChanges: [`labels.${ATTEMPT_LABEL}`] },
    ).id;
  }

  #selfSigned(name: string, hosts: readonly string[], labels: Readonly<Record<string, string>>): pulumi.Output<string> {
    const opts = { parent: this };
    const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, opts);
    const certificate = new tls.SelfSignedCert(
      `${name}-self-signed`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: hosts[0] ?? name, organization: "KeyBuzz, signed by itself" },
        dnsNames: [...hosts],
        allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
        validityPeriodHours: SELF_SIGNED_HOURS,
      },
      opts,
    );
    return new hcloud.UploadedCertificate(
      `${name}-self-signed`,
      { certificate: certificate.certPem, privateKey: key.privateKeyPem, labels: { ...labels } },
      opts,
    ).id;
  }
}

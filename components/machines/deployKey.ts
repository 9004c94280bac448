import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

/** The key with which the program itself logs in. It is made once, lives encrypted in the stack's state, and nowhere else. */
export class DeployKey extends pulumi.ComponentResource {
  /** Secret. OpenSSH's own format. */
  readonly privateKey: pulumi.Output<string>;
  readonly publicKey: pulumi.Output<string>;
  /** Hetzner puts it into root's authorized keys at first boot. */
  readonly sshKey: hcloud.SshKey;
  /**
   * What servers call it by. Plain: a server that had the key's id for an input would count as made from it, and go
   * with it when the key is deleted before it is replaced, whatever the server ignores.
   */
  readonly sshKeyName: string;

  constructor(
    name: string,
    args: { readonly labels: Readonly<Record<string, string>> },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("keybuzz:machines:DeployKey", name, {}, opts);
    const key = new tls.PrivateKey(name, { algorithm: "ED25519" }, { parent: this });
    this.privateKey = pulumi.secret(key.privateKeyOpenssh);
    this.publicKey = key.publicKeyOpenssh.apply((text) => text.trim());
    this.sshKeyName = name;
    this.sshKey = new hcloud.SshKey(
      name,
      { name, publicKey: this.publicKey, labels: { ...args.labels } },
      // Two of one name cannot be, and the provider does not say so.
      { parent: this, deleteBeforeReplace: true },
    );
    this.registerOutputs({ publicKey: this.publicKey });
  }
}

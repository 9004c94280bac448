import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

export interface DeployKeyArgs {
  readonly labels: Readonly<Record<string, string>>;
  /** How often it was rotated. */
  readonly rotation: number;
}

/**
 * The key with which the program itself logs in. It lives encrypted in the stack's state, and nowhere else. Rotated, it
 * is another one, and the one before it stays until the next rotation: a machine that has not heard of the new one takes
 * it by the old (docs/decisions/0020-keys-by-turns.md).
 */
export class DeployKey extends pulumi.ComponentResource {
  /** Secret. OpenSSH's own format. */
  readonly privateKey: pulumi.Output<string>;
  readonly publicKey: pulumi.Output<string>;
  /** The one before the last rotation; undefined where there was none. */
  readonly former:
    { readonly privateKey: pulumi.Output<string>; readonly publicKey: pulumi.Output<string> } | undefined;
  /** Hetzner puts it into root's authorized keys at first boot. */
  readonly sshKey: hcloud.SshKey;
  /**
   * What servers call it by. Plain: a server that had the key's id for an input would count as made from it, and go
   * with it when the key is deleted before it is replaced, whatever the server ignores.
   */
  readonly sshKeyName: string;

  constructor(name: string, { labels, rotation }: DeployKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:machines:DeployKey", name, {}, opts);
    const { privateKey, publicKey } = this.#make(name, rotation);
    this.privateKey = privateKey;
    this.publicKey = publicKey;
    this.former = rotation === 0 ? undefined : this.#make(name, rotation - 1);
    this.sshKeyName = name;
    this.sshKey = new hcloud.SshKey(
      name,
      { name, publicKey: this.publicKey, labels: { ...labels } },
      // Two of one name cannot be, and the provider does not say so.
      { parent: this, deleteBeforeReplace: true },
    );
    this.registerOutputs({ publicKey: this.publicKey });
  }

  /** tls.PrivateKey has no keepers: the logical name carries the rotation. */
  #make(
    name: string,
    rotation: number,
  ): { readonly privateKey: pulumi.Output<string>; readonly publicKey: pulumi.Output<string> } {
    const own = { parent: this };
    const key = new tls.PrivateKey(rotation === 0 ? name : `${name}-${rotation}`, { algorithm: "ED25519" }, own);
    return {
      privateKey: pulumi.secret(key.privateKeyOpenssh),
      publicKey: key.publicKeyOpenssh.apply((text) => text.trim()),
    };
  }
}

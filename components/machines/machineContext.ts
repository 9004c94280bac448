import type * as pulumi from "@pulumi/pulumi";
import type { PrivateNetwork } from "../network/privateNetwork";
import type { SecretStore } from "../secrets/secretStore";
import type { DeployKey } from "./deployKey";
import type { Resizing } from "./resizing";
import type { Way } from "./way";

/** What all machines of an estate share. */
export interface MachineContext {
  readonly network: PrivateNetwork;
  readonly secrets: SecretStore;
  readonly deployKey: DeployKey;
  /** Account that the program logs in with; it may sudo. */
  readonly sshUser: string;
  /** The way in to all other hosts. Absent only while the bastion itself is made. */
  readonly bastion?: Way;
  /** Port that is dialled for the bastion's SSH. Its sshd listens on 22; a rehearsal reaches it by another. */
  readonly bastionSshPort: number;
  /** Firewall of the public interfaces. */
  readonly publicFirewallId?: pulumi.Output<number>;
  readonly labels: Readonly<Record<string, string>>;
  /** Is the host of that name kept from deletion, if it holds data? */
  readonly isProtected: (host: string) => boolean;
  /** Default: no server changes its type in this run. */
  readonly resizing?: Resizing;
  readonly gateway: string;
  readonly networkCidr: string;
}

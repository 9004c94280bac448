/**
 * The seam between a local cloud and whatever stands for a server: a simulated host or a real machine. The cloud
 * calls it; it never calls back.
 */
export interface MachineSpec {
  /** Server id in the Hetzner API; stable for the machine's whole life. */
  readonly id: number;
  readonly name: string;
  /** Image name, e.g. "ubuntu-24.04" or "debian-12". */
  readonly image: string;
  /** cloud-init user data as sent at creation; at most 32 KiB. */
  readonly userData: string;
  readonly labels: Readonly<Record<string, string>>;
  /** OpenSSH public keys that Hetzner injects for root. */
  readonly sshPublicKeys: readonly string[];
  /** Public IPv4 address as the API reports it; undefined where the server has no public interface. */
  readonly publicIpv4?: string;
  readonly privateAddresses: readonly PrivateAddress[];
  readonly cores: number;
  readonly memoryGb: number;
  readonly diskGb: number;
}

export interface PrivateAddress {
  readonly networkId: number;
  /** CIDR of the whole network, e.g. "10.5.0.0/16". */
  readonly networkCidr: string;
  readonly address: string;
}

export type PowerAction = "on" | "off" | "shutdown" | "reboot" | "reset";

export interface Machines {
  /** Resolves once the machine is booted; rejects with the reason when it cannot be. */
  create(spec: MachineSpec): Promise<void>;
  /** Addresses, name or labels changed. */
  reconfigure(spec: MachineSpec): Promise<void>;
  power(id: number, action: PowerAction): Promise<void>;
  /** Deleting an unknown machine is not an error. */
  delete(id: number): Promise<void>;
  /** Brings back the machines of an earlier run of the local cloud; forgets any not listed. */
  restore(specs: readonly MachineSpec[]): Promise<void>;
  /** Where this process reaches the machine's public SSH; undefined without a public interface. */
  entry(id: number): { readonly host: string; readonly port: number } | undefined;
  close(): Promise<void>;
}

/** Asks a cloud what it has, of some kinds or of all. */
export type AskCloud = (kinds?: readonly string[]) => CloudSnapshot;

/** What a cloud has, as its API shows it, by plural kind ("load_balancers", "networks"). */
export type CloudSnapshot = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

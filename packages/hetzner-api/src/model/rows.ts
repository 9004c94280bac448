/**
 * What the local cloud keeps, by kind. Rows are immutable values: a change puts a new row.
 * References are ids; what the API shows of them is rendered at answer time.
 */
export type Labels = Readonly<Record<string, string>>;

interface Named {
  readonly id: number;
  readonly name: string;
  readonly labels: Labels;
  readonly created: string;
}

export interface DeleteProtection {
  readonly delete: boolean;
}

export interface ResourceRef {
  readonly id: number;
  readonly type: string;
}

/** Work that an action still has to do; data, so that it survives a kill of the process. */
export interface Task {
  readonly name: string;
  readonly args: Readonly<Record<string, number | string | boolean>>;
}

export interface ActionRow {
  readonly id: number;
  readonly command: string;
  readonly status: "running" | "success" | "error";
  readonly progress: number;
  readonly started: string;
  readonly finished: string | null;
  readonly resources: readonly ResourceRef[];
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Resources that refuse other actions until this one is done. */
  readonly locks: readonly ResourceRef[];
  readonly task: Task | null;
  /** Starts only when this action is done. */
  readonly after: number | null;
  /** How it will end, whatever it does. Absent: by what it does. */
  readonly fails?: { readonly code: string; readonly message: string };
}

export interface Subnet {
  readonly type: "cloud" | "server" | "vswitch";
  readonly ip_range: string;
  readonly network_zone: string;
  readonly vswitch_id: number | null;
}

export interface Route {
  readonly destination: string;
  readonly gateway: string;
}

export interface NetworkRow extends Named {
  readonly ipRange: string;
  readonly subnets: readonly Subnet[];
  readonly routes: readonly Route[];
  readonly protection: DeleteProtection;
  readonly exposeRoutesToVswitch: boolean;
}

export interface PrivateNet {
  readonly network: number;
  readonly ip: string;
  readonly alias_ips: readonly string[];
  readonly mac_address: string;
}

export type ServerStatus =
  "running" | "initializing" | "starting" | "stopping" | "off" | "migrating" | "deleting" | "rebuilding";

export interface ServerRow extends Named {
  readonly status: ServerStatus;
  readonly serverType: string;
  readonly location: string;
  readonly image: number;
  readonly userData: string;
  /** Public keys at creation: later changes of the project's keys do not reach the server. */
  readonly sshPublicKeys: readonly string[];
  readonly privateNet: readonly PrivateNet[];
  readonly placementGroup: number | null;
  readonly protection: { readonly delete: boolean; readonly rebuild: boolean };
  readonly backupWindow: string | null;
  readonly rescueEnabled: boolean;
  readonly primaryDiskSize: number;
  /** True once a machine stands for it (a server created stopped has none until its first power-on). */
  readonly booted: boolean;
}

export interface PlacementGroupRow extends Named {
  readonly type: "spread";
}

export interface SshKeyRow extends Named {
  readonly publicKey: string;
  readonly fingerprint: string;
}

export interface FirewallRule {
  readonly direction: "in" | "out";
  readonly protocol: "tcp" | "udp" | "icmp" | "esp" | "gre";
  readonly port: string | null;
  readonly source_ips: readonly string[];
  readonly destination_ips: readonly string[];
  readonly description: string | null;
}

export type FirewallTarget =
  | { readonly type: "server"; readonly server: { readonly id: number } }
  | { readonly type: "label_selector"; readonly label_selector: { readonly selector: string } };

export interface FirewallRow extends Named {
  readonly rules: readonly FirewallRule[];
  readonly appliedTo: readonly FirewallTarget[];
}

export interface HealthCheck {
  readonly protocol: "tcp" | "http";
  readonly port: number;
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly http?: {
    readonly domain: string;
    readonly path: string;
    readonly response: string;
    readonly status_codes: readonly string[];
    readonly tls: boolean;
  };
}

export interface ServiceHttp {
  readonly cookie_name: string;
  readonly cookie_lifetime: number;
  readonly timeout_idle: number;
  readonly certificates: readonly number[];
  readonly redirect_http: boolean;
  readonly sticky_sessions: boolean;
}

export interface LoadBalancerService {
  readonly protocol: "tcp" | "http" | "https";
  readonly listen_port: number;
  readonly destination_port: number;
  readonly proxyprotocol: boolean;
  readonly health_check: HealthCheck;
  readonly http?: ServiceHttp;
}

export type LoadBalancerTarget =
  | { readonly type: "server"; readonly server: { readonly id: number }; readonly use_private_ip: boolean }
  | {
      readonly type: "label_selector";
      readonly label_selector: { readonly selector: string };
      readonly use_private_ip: boolean;
    };

export interface LoadBalancerRow extends Named {
  readonly type: string;
  readonly location: string;
  readonly algorithm: "round_robin" | "least_connections";
  readonly publicEnabled: boolean;
  readonly ipv4: string;
  readonly ipv6: string;
  /** Ids of the Primary IPs that these are of, where it was made with such. */
  readonly primaryIps?: { readonly ipv4?: number; readonly ipv6?: number };
  /** Reverse names by address; absent: the default name. */
  readonly dnsPtr: Readonly<Record<string, string>>;
  readonly privateNet: readonly { readonly network: number; readonly ip: string }[];
  readonly services: readonly LoadBalancerService[];
  readonly targets: readonly LoadBalancerTarget[];
  readonly protection: DeleteProtection;
}

export interface CertificateRow extends Named {
  readonly type: "uploaded" | "managed";
  readonly certificate: string | null;
  readonly notValidBefore: string | null;
  readonly notValidAfter: string | null;
  readonly domainNames: readonly string[];
  readonly fingerprint: string | null;
  readonly issuance: "pending" | "completed" | "failed" | null;
  /** Why it failed. Absent in states of earlier versions. */
  readonly issuanceError?: { readonly code: string; readonly message: string } | null;
}

export interface PrimaryIpRow extends Named {
  readonly type: "ipv4" | "ipv6";
  /** An address, or for IPv6 a /64. */
  readonly ip: string;
  readonly location: string;
  readonly dnsPtr: Readonly<Record<string, string>>;
  readonly protection: DeleteProtection;
  readonly autoDelete: boolean;
  /** A server's or a load balancer's id. */
  readonly assignee: number | null;
}

export interface VolumeRow extends Named {
  readonly size: number;
  readonly location: string;
  readonly server: number | null;
  readonly format: string | null;
  readonly status: "available" | "creating";
  readonly protection: DeleteProtection;
}

export interface PrimaryNameserver {
  readonly address: string;
  readonly port: number;
  readonly tsig_key?: string | undefined;
  readonly tsig_algorithm?: string | undefined;
}

export interface ZoneRow extends Named {
  readonly mode: "primary" | "secondary";
  readonly ttl: number;
  readonly protection: DeleteProtection;
  readonly primaryNameservers: readonly PrimaryNameserver[];
}

export interface DnsRecord {
  readonly value: string;
  readonly comment: string;
}

export interface RrsetRow {
  readonly id: number;
  readonly zone: number;
  /** Relative to the zone; "@" is the zone itself. */
  readonly name: string;
  readonly type: string;
  readonly ttl: number | null;
  readonly labels: Labels;
  readonly records: readonly DnsRecord[];
  readonly protection: { readonly change: boolean };
  readonly created: string;
}

export interface Rows {
  readonly action: ActionRow;
  readonly network: NetworkRow;
  readonly server: ServerRow;
  readonly placement_group: PlacementGroupRow;
  readonly ssh_key: SshKeyRow;
  readonly firewall: FirewallRow;
  readonly load_balancer: LoadBalancerRow;
  readonly certificate: CertificateRow;
  readonly primary_ip: PrimaryIpRow;
  readonly volume: VolumeRow;
  readonly zone: ZoneRow;
  readonly rrset: RrsetRow;
}

export type Kind = keyof Rows;

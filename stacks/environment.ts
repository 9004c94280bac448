import type { OsImage } from "../components/machines/osImage";
import type { DnsRecordSpec } from "../components/network/dnsRecords";
import type { AddressPlan } from "../components/topology/addressPlan";
import type { AcceptedRisk, GatewaySpec } from "./riskSpecs";
import type { HostRole } from "./roles";
import type {
  ApiSpec,
  ChatwootSpec,
  ConnectorSpec,
  ErpNextSpec,
  N8nSpec,
  SupersetSpec,
  VaultSpec,
  WorkloadSpec,
} from "./workloadSpecs";

/** Locations of network zone eu-central (api.hetzner.cloud /v1/locations). */
export const LOCATIONS = ["fsn1", "nbg1", "hel1"] as const;
export type Location = (typeof LOCATIONS)[number];

/** x86 server types on sale in mid 2026 (docs/reference/hetzner.md). */
export const SERVER_TYPES = [
  "cx23", "cx33", "cx43", "cx53",
  "cpx12", "cpx22", "cpx32", "cpx42", "cpx52", "cpx62",
  "ccx13", "ccx23", "ccx33", "ccx43", "ccx53", "ccx63",
] as const; // prettier-ignore
export type ServerType = (typeof SERVER_TYPES)[number];

export const LOAD_BALANCER_TYPES = ["lb11", "lb21", "lb31"] as const;
export type LoadBalancerType = (typeof LOAD_BALANCER_TYPES)[number];

/** One machine. Its name is its identity: renaming it makes another machine. */
export interface HostSpec {
  readonly name: string;
  readonly role: HostRole;
  /** Private IPv4 address within network.subnetCidr. */
  readonly address: string;
  readonly serverType: ServerType;
  /** Default: the environment's location. */
  readonly location?: Location;
  /** Only for k3sAgent: a worker kept for AI services or for monitoring. Default "general". */
  readonly duty?: "general" | "ai" | "monitoring";
}

export interface LoadBalancerSpec {
  readonly name: string;
  /** Private IPv4 address within network.subnetCidr. */
  readonly address: string;
  readonly type: LoadBalancerType;
}

/** Ports of the data load balancer; HAProxy listens on the same ones. Given values: docs/estate.md. */
export const DATA_PORTS = {
  postgres: 5432,
  postgresReplicas: 5433,
  pgbouncer: 6432,
  redis: 6379,
  rabbitmq: 5672,
  kubernetesApi: 6443,
} as const;
export type DataPorts = { readonly [service in keyof typeof DATA_PORTS]: number };

export interface DataLoadBalancerSpec extends LoadBalancerSpec {
  readonly ports: DataPorts;
}

export interface WebSpec {
  /** DNS zone that all public hosts belong to, e.g. "keybuzz.io". */
  readonly zone: string;
  /** Does this stack own the zone (create it), or only write records into it? */
  readonly manageZone: boolean;
  /**
   * Everything that the domain has beside this estate's own hosts: MX, SPF, DKIM, other hosts, NS of zones within.
   * Needed where the zone is managed: delegating it takes everything else away. [] says that there is nothing.
   */
  readonly records?: readonly DnsRecordSpec[];
  /** Seconds that resolvers keep a record. */
  readonly dnsTtlSeconds: number;
  readonly loadBalancers: readonly LoadBalancerSpec[];
  /** managed: Hetzner gets it from Let's Encrypt, once the zone is delegated (until then: selfSigned); uploaded: from configuration; selfSigned: for rehearsals. */
  readonly certificate: "managed" | "uploaded" | "selfSigned";
  /** Seconds without a byte until the web load balancers close a connection. Hetzner: 30-300, default 50. */
  readonly idleTimeoutSeconds: number;
  /** What stands in front of the load balancers without being part of the estate. Default: nothing. */
  readonly gateways?: readonly GatewaySpec[];
}

/** Prometheus, Alertmanager, Grafana and the exporters. */
export interface MonitoringSpec {
  /** Days that figures are kept. */
  readonly retentionDays: number;
  /** GB of the volume for them, on the disk of the worker with duty "monitoring". */
  readonly storageGb: number;
  /** chat: to the Slack-compatible webhook in configuration (alertWebhookUrl); none: alerts are only shown. */
  readonly alerts: "chat" | "none";
  /** Backups that must report their success, and the age in hours from which one is missed. */
  readonly backups: readonly { readonly name: string; readonly maximumAgeHours: number }[];
}

export type IngressChoice = { readonly kind: "nginx" } | { readonly kind: "gateway"; readonly className: string };

/** Absent means off. */
export interface WorkloadsSpec {
  readonly keybuzzApi?: ApiSpec;
  readonly keybuzzFront?: WorkloadSpec;
  readonly chatwoot?: ChatwootSpec;
  readonly liteLlm?: WorkloadSpec;
  readonly n8n?: N8nSpec;
  readonly superset?: SupersetSpec;
  readonly erpNext?: ErpNextSpec;
  /** Marketplace connectors and AI services. */
  readonly connectors?: readonly ConnectorSpec[];
  readonly vault?: VaultSpec;
}

/** One estate, whole. Everything that differs between stacks is here or, if it belongs to an account, in StackConfig. */
export interface Environment {
  readonly name: string;
  readonly location: Location;
  /** Hetzner's network zone of all locations used. */
  readonly networkZone: "eu-central";
  readonly image: OsImage;
  readonly network: AddressPlan & {
    /** Subnet of networkCidr that hosts and load balancers are in. */
    readonly subnetCidr: string;
    /** Bytes; Hetzner's private networks carry 1450. */
    readonly mtu: number;
  };
  readonly hosts: readonly HostSpec[];
  readonly dataLoadBalancer: DataLoadBalancerSpec;
  /** Absent together with the mariadb and proxysql hosts. */
  readonly mariadbLoadBalancer?: LoadBalancerSpec;
  readonly web: WebSpec;
  /** What leads to MariaDB. Default "proxysql"; "haproxy" where only the distribution's packages can be had. */
  readonly mariadbProxy?: "proxysql" | "haproxy";
  readonly postgres: { readonly version: 15 | 16; readonly dcs: "etcd" | "raft" };
  readonly kubernetes: {
    /** K3s release, e.g. "v1.35.4+k3s1". */
    readonly k3sVersion: string;
    /** NodePort of the ingress controller: 30000-32767. */
    readonly ingressNodePort: number;
    /**
     * Who passes requests on to pods. nginx: ingress-nginx, which the program installs; gateway: any controller of the
     * Gateway API, which people install (docs/decisions/0008). Default nginx.
     */
    readonly ingress?: IngressChoice;
  };
  readonly workloads: WorkloadsSpec;
  /**
   * How often a login or a certificate was rotated, by the id of its secret, e.g. { "postgres/chatwoot": 1 }: one more
   * is a new one, and the end of the old (docs/operate.md). Never lowered. Default: none ever was.
   */
  readonly rotations?: Readonly<Record<string, number>>;
  /** Default: none. */
  readonly accepted?: readonly AcceptedRisk[];
  /** Absent means off. Needs a k3sAgent with duty "monitoring". */
  readonly monitoring?: MonitoringSpec;
  /** Refuse deletion and replacement of what holds data or an address. */
  readonly protect: boolean;
}

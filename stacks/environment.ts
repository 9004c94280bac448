import { z } from "zod";
import { AUTHORITY_MAKERS } from "../components/cluster/k3s/k3sAuthority";
import { OPERATOR_GROUPS } from "../components/cluster/k3s/operatorGroups";
import { OS_IMAGE_NAMES, POSTGRES_VERSIONS } from "../components/machines/osImage";
import { dnsRecords } from "./dnsSchema";
import { acceptedRisks, gateways } from "./riskSpecs";
import { HOST_ROLES } from "./roles";
import { address, cidr, domain, hostname, port, text, type Immutable } from "./schemaParts";
import { workloads } from "./workloadSchemas";

// An environment is typed once: the schema below is its type, for the compiler and for the run, and what is said here
// of each part stands in docs/environment.md as well.

/** Locations of network zone eu-central (api.hetzner.cloud /v1/locations). */
export const LOCATIONS = ["fsn1", "nbg1", "hel1"] as const;

/** x86 server types on sale in mid 2026 (docs/reference/hetzner.md). */
export const SERVER_TYPES = [
  "cx23", "cx33", "cx43", "cx53",
  "cpx12", "cpx22", "cpx32", "cpx42", "cpx52", "cpx62",
  "ccx13", "ccx23", "ccx33", "ccx43", "ccx53", "ccx63",
] as const; // prettier-ignore
export type ServerType = (typeof SERVER_TYPES)[number];

export const LOAD_BALANCER_TYPES = ["lb11", "lb21", "lb31"] as const;
export type LoadBalancerType = (typeof LOAD_BALANCER_TYPES)[number];

/** Ports of the data load balancer that KeyBuzz' estates have (docs/estate.md). */
export const DATA_PORTS = {
  postgres: 5432,
  postgresReplicas: 5433,
  pgbouncer: 6432,
  redis: 6379,
  rabbitmq: 5672,
  kubernetesApi: 6443,
} as const;

const network = z.strictObject({
  /** The Hetzner network. */
  networkCidr: cidr,
  /** Subnet of networkCidr that hosts and load balancers are in. */
  subnetCidr: cidr,
  /** Everything that Kubernetes gives to pods and tunnels: K3s' cluster-cidr. */
  podCidr: cidr,
  /** Part of podCidr that pods get: a Calico IPPool of its own. */
  workloadPoolCidr: cidr,
  /** Part of podCidr that the nodes' tunnels get: filters can tell nodes from pods by it (docs/decisions/0005). */
  tunnelPoolCidr: cidr,
  /** Kubernetes Services. */
  serviceCidr: cidr,
  /** Bytes; Hetzner's private networks carry 1450. */
  mtu: z.int().min(1280).max(1450),
});

/** One machine. */
const host = z.strictObject({
  /** Its identity: renaming it makes another machine. */
  name: hostname,
  /** What it is for. */
  role: z.enum(HOST_ROLES),
  /** Private, within network.subnetCidr. */
  address,
  serverType: z.enum(SERVER_TYPES),
  /** Default: the environment's location. */
  location: z.enum(LOCATIONS).exactOptional(),
  /** Only for k3sAgent: a worker kept for AI services or for monitoring. Default "general". */
  duty: z.enum(["general", "ai", "monitoring"]).exactOptional(),
  /**
   * Only for k3sAgent: it is taken out of service, and goes with its line in a later run (docs/operate.md, The
   * cluster's machines). Default false.
   */
  leaving: z.boolean().exactOptional(),
});

const loadBalancer = z.strictObject({
  /** Its identity: renaming it makes another one. */
  name: hostname,
  /** Private, within network.subnetCidr. */
  address,
  type: z.enum(LOAD_BALANCER_TYPES),
});

const dataLoadBalancer = loadBalancer.extend({
  /** HAProxy listens on the same ones. */
  ports: z.strictObject({
    /** PostgreSQL's leader. */
    postgres: port,
    /** Reads that may be late. */
    postgresReplicas: port,
    /** PostgreSQL's leader through PgBouncer. */
    pgbouncer: port,
    redis: port,
    rabbitmq: port,
    /** What nodes and operators reach the Kubernetes API by. */
    kubernetesApi: port,
  }),
});

const web = z.strictObject({
  /** DNS zone that the public hosts belong to, but for those of otherZones. */
  zone: domain,
  /** Does this stack own the zone (create it), or only write records into it? */
  manageZone: z.boolean(),
  /**
   * Everything that the domain has beside this estate's own hosts: MX, SPF, DKIM, other hosts, NS of zones within.
   * Needed where the zone is managed: delegating it takes everything else away. [] says that there is nothing. Default:
   * none, where the zone is not managed.
   */
  records: dnsRecords.exactOptional(),
  /**
   * Further zones whose hosts may be public: another brand's domain. What names the estate itself, its balancers and
   * bastion, stays in `zone`. Default: none.
   */
  otherZones: z
    .array(
      z.strictObject({
        /** Where it is within another zone of the estate, its hosts are in this one. */
        zone: domain,
        /** Does this stack own the zone (create it), or only write records into it? */
        manageZone: z.boolean(),
        /** As web.records, of this zone. Default: none, where the zone is not managed. */
        records: dnsRecords.exactOptional(),
      }),
    )
    .min(1)
    .exactOptional(),
  /** Seconds that resolvers keep a record. */
  dnsTtlSeconds: z.int().min(60).max(86_400),
  loadBalancers: z.array(loadBalancer).min(1),
  /**
   * managed: Hetzner gets it from Let's Encrypt, once the zone is delegated (until then: selfSigned); uploaded: from
   * configuration; selfSigned: for rehearsals.
   */
  certificate: z.enum(["managed", "uploaded", "selfSigned"]),
  /** Seconds without a byte until the web load balancers close a connection. Hetzner's own is 50. */
  idleTimeoutSeconds: z
    .int()
    .min(30)
    .max(300)
    .meta({ examples: [300] }),
  /** What stands in front of the load balancers without being part of the estate. Default: nothing. */
  gateways: gateways.exactOptional(),
});

const postgres = z.strictObject({
  version: z.literal(POSTGRES_VERSIONS),
  /** Where Patroni's members agree. */
  dcs: z.enum(["etcd", "raft"]),
});

const kubernetes = z.strictObject({
  k3sVersion: text(/^v1\.\d+\.\d+\+k3s\d+$/, "a release of K3s", "v1.35.4+k3s1"),
  /**
   * Who makes the cluster's authorities. program: the program, and the tokens with which nodes join name it, so that
   * no node joins anything else; for a cluster that is still to be made. k3s: K3s itself; of a cluster that was made so
   * this stays for its whole life (docs/decisions/0024). Default k3s.
   */
  authority: z.enum(AUTHORITY_MAKERS).exactOptional(),
  /** Of the ingress controller, the same on every node. */
  ingressNodePort: z.int().min(30_000).max(32_767),
  /**
   * Groups of people with a kubeconfig of their own (docs/operate.md, Reach it). admins: everything; deployers: change
   * applications, see the rest; viewers: see everything but Secrets. Default: all three.
   */
  operatorGroups: z.array(z.enum(OPERATOR_GROUPS)).exactOptional(),
  /**
   * Who passes requests on to pods. nginx: ingress-nginx, which the program installs; gateway: any controller of the
   * Gateway API, which people install (docs/decisions/0008). Default nginx.
   */
  ingress: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("nginx") }),
      z.strictObject({
        kind: z.literal("gateway"),
        /** GatewayClass of the controller. */
        className: hostname,
      }),
    ])
    .exactOptional(),
});

/** Prometheus, Alertmanager, Grafana and the exporters. */
const monitoring = z.strictObject({
  /** Days that figures are kept. */
  retentionDays: z.int().min(1).max(3650),
  /** GB of the volume for them, on the disk of the worker with duty "monitoring". */
  storageGb: z.int().min(5).max(1000),
  /** chat: to the Slack-compatible webhook in configuration (alertWebhookUrl); none: alerts are only shown. */
  alerts: z.enum(["chat", "none"]),
  /** Backups that must report their success. */
  backups: z.array(
    z.strictObject({
      name: text(/^[a-z][a-z0-9-]{0,62}$/, "lower-case letters, digits and hyphens", "postgres"),
      /** Hours from which one is missed. */
      maximumAgeHours: z.number().min(1).max(8760),
    }),
  ),
});

/** One estate, whole. Everything that differs between stacks is here or, if it belongs to an account, in Settings. */
export const environmentSchema = z.strictObject({
  /** The stack's, and the file's. */
  name: hostname,
  /** Where machines and balancers are. */
  location: z.enum(LOCATIONS),
  /** Hetzner's network zone of all locations used. */
  networkZone: z.literal("eu-central"),
  /** Of every machine. */
  image: z.enum(OS_IMAGE_NAMES),
  network,
  hosts: z.array(host),
  dataLoadBalancer,
  /** Default: none, together with the mariadb and proxysql hosts. */
  mariadbLoadBalancer: loadBalancer.exactOptional(),
  /** What leads to MariaDB. Default "proxysql"; "haproxy" where only the distribution's packages can be had. */
  mariadbProxy: z.enum(["proxysql", "haproxy"]).exactOptional(),
  web,
  postgres,
  kubernetes,
  workloads,
  /**
   * How often a login, a certificate or the program's SSH key was rotated, by the id of its secret, e.g.
   * { "postgres/chatwoot": 1 }: one more is a new one, and the end of the old (docs/operate.md). Never lowered. Default:
   * none ever was.
   */
  rotations: z.record(z.string(), z.int().min(0)).exactOptional(),
  /** Risks that are known and taken. Default: none. */
  accepted: acceptedRisks.exactOptional(),
  /**
   * Seconds that writes to a cluster may wait in a change, when a member goes without handing over. Default: as long as a
   * hand-over was measured to take.
   */
  outageBudget: z
    .partialRecord(z.enum(["postgres", "redis", "rabbitmq", "mariadb"]), z.number().positive())
    .exactOptional(),
  /** Needs a k3sAgent with duty "monitoring". Default: off. */
  monitoring: monitoring.exactOptional(),
  /** Refuse deletion and replacement of what holds data or an address. */
  protect: z.boolean(),
});

export type Environment = Immutable<z.infer<typeof environmentSchema>>;
export type HostSpec = Environment["hosts"][number];
export type DataPorts = Environment["dataLoadBalancer"]["ports"];
export type LoadBalancerSpec = Environment["web"]["loadBalancers"][number];
export type WorkloadsSpec = Environment["workloads"];
/** An application of `workloads.apps`. */
export type AppSpec = NonNullable<WorkloadsSpec["apps"]>[number];

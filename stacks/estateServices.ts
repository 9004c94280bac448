import { HaproxyService } from "../components/balancing/haproxyService";
import { ProxySqlService } from "../components/data/mariadb/proxySqlService";
import { IngressService } from "../components/cluster/ingress/ingressService";
import type { SnapshotStore } from "../components/cluster/k3s/k3sConfig";
import { k3sRelease } from "../components/cluster/k3s/k3sRelease";
import { K3sService } from "../components/cluster/k3s/k3sService";
import { PostgresService } from "../components/data/postgres/postgresService";
import { GaleraService } from "../components/data/mariadb/galeraService";
import { MinioService } from "../components/data/minio/minioService";
import type { DataService } from "../components/data/dataService";
import type { BucketAccess, ObjectStore } from "../components/data/objectStore";
import { QdrantService } from "../components/data/qdrant/qdrantService";
import { RabbitService } from "../components/data/rabbit/rabbitService";
import { RedisService } from "../components/data/redis/redisService";
import type { SecretLedger } from "../components/secrets/secretLedger";
import type { Topology } from "../components/topology/topology";
import type { Environment } from "./environment";
import type { Parties } from "./parties";
import type { HostRole } from "./roles";
import { smallest } from "./serverTypes";

/** Silence after which the balancers close a connection to the Kubernetes API; `kubectl logs -f` may be silent for long. */
const API_IDLE_SECONDS = 3600;

/** Everything in an estate that consumers can ask for an endpoint. What its environment has no hosts for is undefined. */
export interface EstateServices {
  readonly haproxy: HaproxyService;
  readonly postgres: PostgresService | undefined;
  readonly redis: RedisService | undefined;
  readonly rabbitmq: RabbitService | undefined;
  readonly objectStore: ObjectStore | undefined;
  readonly vectorStore: QdrantService | undefined;
  readonly mariadb: GaleraService | undefined;
  readonly proxysql: ProxySqlService | undefined;
  /** The clusters of the data tier among them. */
  readonly data: readonly DataService[];
  readonly k3s: K3sService;
  readonly ingress: IngressService;
}

export interface ServicesArgs {
  readonly environment: Environment;
  readonly parties: Parties;
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** Hosts that the web load balancers have certificates for. */
  readonly certificateHosts: readonly string[];
}

export function estateServices({
  environment,
  parties,
  topology,
  secrets,
  certificateHosts,
}: ServicesArgs): EstateServices {
  const { network, image } = environment;
  const { ports } = environment.dataLoadBalancer;
  const present = (role: HostRole): boolean => parties.hosts(role).hosts.length > 0;
  const haproxy = new HaproxyService({ topology, secrets, hosts: parties.hosts("haproxy") });
  const postgres = present("postgres")
    ? new PostgresService({
        topology,
        secrets,
        hosts: parties.hosts("postgres"),
        haproxy,
        loadBalancer: parties.dataLb,
        addresses: network,
        image,
        ports: { leader: ports.postgres, replicas: ports.postgresReplicas, pooled: ports.pgbouncer },
        ...environment.postgres,
        ...smallest(environment, "postgres"),
      })
    : undefined;
  const through = { topology, secrets, haproxy, loadBalancer: parties.dataLb };
  const redis = present("redis")
    ? new RedisService({
        ...through,
        hosts: parties.hosts("redis"),
        port: ports.redis,
        image,
        ...smallest(environment, "redis"),
      })
    : undefined;
  const rabbitmq = present("rabbitmq")
    ? new RabbitService({
        ...through,
        hosts: parties.hosts("rabbitmq"),
        port: ports.rabbitmq,
        image,
        ...smallest(environment, "rabbitmq"),
      })
    : undefined;
  const objectStore = present("minio")
    ? new MinioService({ topology, secrets, hosts: parties.hosts("minio") })
    : undefined;
  const vectors = parties.hosts("qdrant");
  const vectorStore = present("qdrant")
    ? new QdrantService({
        topology,
        secrets,
        hosts: vectors,
        ...(objectStore === undefined
          ? {}
          : { snapshots: objectStore.bucket(vectors, { name: "vectors", purpose: "Qdrant's snapshots" }) }),
      })
    : undefined;
  const mariadb = present("mariadb")
    ? new GaleraService({
        topology,
        secrets,
        hosts: parties.hosts("mariadb"),
        image,
        ...smallest(environment, "mariadb"),
      })
    : undefined;
  const proxysql =
    mariadb === undefined || parties.mariadbLb === undefined
      ? undefined
      : new ProxySqlService({
          topology,
          secrets,
          hosts: parties.hosts("proxysql"),
          galera: mariadb,
          image,
          loadBalancer: parties.mariadbLb,
          ...(environment.mariadbProxy === undefined ? {} : { software: environment.mariadbProxy }),
        });
  const snapshots = objectStore?.bucket(parties.hosts("k3sServer"), { name: "etcd", purpose: "etcd's snapshots" });
  const duties = new Map(environment.hosts.map((host) => [host.name, host.duty ?? "general"]));
  const k3s = new K3sService({
    topology,
    secrets,
    addresses: network,
    servers: parties.hosts("k3sServer").hosts,
    agents: parties.hosts("k3sAgent").hosts.map((host) => ({ ...host, duty: duties.get(host.name) ?? "general" })),
    release: k3sRelease(environment.kubernetes.k3sVersion),
    authority: environment.kubernetes.authority ?? "k3s",
    ...(snapshots === undefined ? {} : { snapshots: snapshotStore(snapshots, environment.name) }),
  });
  k3s.publishAt(
    haproxy.publish({
      id: "kubernetes/api",
      lb: parties.dataLb,
      port: environment.dataLoadBalancer.ports.kubernetesApi,
      backend: k3s.apiBackend,
      healthCheck: k3s.apiHealthCheck,
      idleTimeoutSeconds: API_IDLE_SECONDS,
      noticedWithinSeconds: 15,
    }),
  );
  const ingress = new IngressService({
    topology,
    nodes: k3s.nodes,
    webLoadBalancers: parties.webLbs,
    nodePort: environment.kubernetes.ingressNodePort,
    idleTimeoutSeconds: environment.web.idleTimeoutSeconds,
    operatorCidrs: parties.operators.cidrs,
    form: environment.kubernetes.ingress?.kind === "gateway" ? "gateway" : "ingress",
    certificateHosts,
  });
  const data = [postgres, redis, rabbitmq, objectStore, vectorStore, mariadb].filter((one) => one !== undefined);
  return { haproxy, postgres, redis, rabbitmq, objectStore, vectorStore, mariadb, proxysql, data, k3s, ingress };
}

/** Each stack's snapshots have a folder of their own, since stacks may share a store. */
function snapshotStore(
  { address, bucket, region, url, accessKey, secretKey }: BucketAccess,
  folder: string,
): SnapshotStore {
  return {
    endpoint: `${address.host}:${address.port}`,
    bucket,
    folder,
    region,
    tls: url.startsWith("https:"),
    accessKey,
    secretKey,
  };
}

import type { HaproxyService } from "../balancing/haproxyService";
import type { GaleraService } from "../data/mariadb/galeraService";
import type { ObjectStore } from "../data/objectStore";
import type { PostgresService } from "../data/postgres/postgresService";
import type { QdrantService } from "../data/qdrant/qdrantService";
import type { RabbitService } from "../data/rabbit/rabbitService";
import type { RedisService } from "../data/redis/redisService";
import type { Hosts, LoadBalancer } from "../topology/party";
import type { Endpoint, Topology } from "../topology/topology";
import type { ExpectedBackup } from "./rules/ruleFacts";

/** What there is to watch: the estate as its monitoring sees it. Absent: the estate has none. */
export interface Watched {
  readonly topology: Topology;
  /** Every machine, nodes included. */
  readonly machines: Hosts;
  readonly nodes: Hosts;
  /** The Kubernetes API on the servers themselves. */
  readonly api: Endpoint;
  readonly haproxy: HaproxyService;
  readonly postgres?: PostgresService;
  readonly redis?: RedisService;
  readonly rabbitmq?: RabbitService;
  readonly mariadb?: GaleraService;
  readonly objectStore?: ObjectStore;
  readonly vectorStore?: QdrantService;
  /** ingress-nginx is there, whose figures are known. Another controller's are its installer's concern. */
  readonly ingressNginx: boolean;
  readonly webLoadBalancers: readonly LoadBalancer[];
  /** What the web load balancers serve: each is asked through each of them. */
  readonly publicHosts: readonly string[];
  /** Where Chatwoot is reached, if it runs. */
  readonly chatwootHost?: string;
  /** How many members Vault has, if it runs. */
  readonly vaultMembers?: number;
  readonly backups: readonly ExpectedBackup[];
}

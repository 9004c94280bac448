import type { Route } from "../../../components/cluster/ingress/routes";
import { databaseUrl } from "../../../components/data/postgres/postgresDatabase";
import { SecretLedger } from "../../../components/secrets/secretLedger";
import type { LoadBalancer, Pods } from "../../../components/topology/party";
import { Topology, type Endpoint } from "../../../components/topology/topology";
import type { WorkloadContext } from "../../../components/workloads/workloadContext";

/** A route as the ingress was asked for it. */
export interface Exposed {
  readonly backend: Endpoint;
  readonly host: string;
  readonly routes: readonly Route[];
}

/** Every service of the data tier behind one balancer, as in prod; records what was asked, refuses what it does not know. */
export interface FakeEstate {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  readonly context: Required<Omit<WorkloadContext, "mistakes">>;
  readonly exposed: Exposed[];
  /** "chatwoot -> pg_trgm, pgcrypto via leader" per request. */
  readonly databases: string[];
  /** "pods/ns/app -> endpoint" of every declared flow. */
  readonly flows: () => readonly string[];
}

const DATA: LoadBalancer = { kind: "loadBalancer", name: "lb-data", address: "10.0.0.10", public: false };
const PORTS = { mariadb: 3306, leader: 5432, replicas: 5433, pooled: 6432, redis: 6379, rabbit: 5672 } as const;

export function fakeEstate(): FakeEstate {
  const topology = new Topology();
  const secrets = new SecretLedger();
  const exposed: Exposed[] = [];
  const databases: string[] = [];
  const onBalancer = Object.fromEntries(
    Object.entries(PORTS).map(([id, port]) => [
      id,
      topology.endpoint({ id: `lb/${id}`, provider: DATA, port, protocol: "tcp" }),
    ]),
  ) as Record<keyof typeof PORTS, Endpoint>;
  const host = (name: string, address: string, port: number): Endpoint =>
    topology.endpoint({
      id: name,
      provider: { kind: "hosts", group: name, hosts: [{ name: `${name}-01`, address }] },
      port,
      protocol: "tcp",
    });
  const minio = host("minio", "10.0.0.134", 9000);
  const qdrant = host("qdrant", "10.0.0.136", 6333);
  const context: Required<Omit<WorkloadContext, "mistakes">> = {
    topology,
    secrets,
    ingress: {
      asks: { kind: "hosts", group: "nodes", hosts: [] },
      expose: (backend, args) => void exposed.push({ backend, ...args }),
    },
    postgres: {
      database: (consumer, want) => {
        databases.push(`${consumer.app} -> ${want.name} (${(want.extensions ?? []).join(", ")}) via ${want.via}`);
        const address = topology.connect(consumer, onBalancer[want.via], want.purpose);
        const password = secrets.generated(`postgres/${want.owner ?? want.name}`);
        const { host, port } = address;
        const access = {
          host,
          port,
          database: want.name,
          username: want.owner ?? want.name,
          password,
          sslMode: "require",
          authority: secrets.authority("postgres"),
          address,
        } as const;
        return { ...access, url: (scheme, parameters) => databaseUrl(access, scheme, parameters) };
      },
    },
    mariadb: {
      database: (consumer, want) => {
        const address = topology.connect(consumer, onBalancer.mariadb, want.purpose);
        return {
          address,
          database: want.name,
          username: want.name,
          password: secrets.generated(`mariadb/${want.name}`),
        };
      },
    },
    redis: {
      database: (consumer, want) => {
        const address = topology.connect(consumer, onBalancer.redis, want.purpose);
        const { index, owner: username } = want;
        const password = secrets.generated(`redis/${username}`);
        const url = `redis://${username}:${password}@${address.host}:${address.port}/${index}`;
        return { address, index, username, password, url };
      },
    },
    rabbit: {
      vhost: (consumer, want) => {
        const address = topology.connect(consumer, onBalancer.rabbit, want.purpose);
        return {
          address,
          url: `amqp://${want.name}:${secrets.generated(`rabbitmq/${want.name}`)}@${address.host}:${address.port}/${want.name}`,
        };
      },
    },
    buckets: {
      bucket: (consumer, want) => {
        const address = topology.connect(consumer, minio, want.purpose);
        const secretKey = secrets.generated(`minio/${want.name}`);
        return {
          address,
          url: `http://${address.host}:${address.port}`,
          bucket: want.name,
          region: "eu-central-1",
          accessKey: want.name,
          secretKey,
        };
      },
      reach: (consumer, purpose) => topology.connect(consumer, minio, purpose),
    },
    vault: { reach: () => undefined },
    files: { publish: () => "https://files.keybuzz.io" },
    vectors: {
      connect: (consumer, want) => {
        const address = topology.connect(consumer, qdrant, want.purpose);
        return { address, url: `http://${address.host}:${address.port}`, apiKey: secrets.generated("qdrant/api-key") };
      },
    },
  };
  const flows = (): readonly string[] =>
    topology.flows.map(({ from, to }) => `${partyName(from as Pods)} -> ${to.id}`).sort();
  return { topology, secrets, context, exposed, databases, flows };
}

function partyName({ namespace, app }: Pods): string {
  return `${namespace}/${app}`;
}

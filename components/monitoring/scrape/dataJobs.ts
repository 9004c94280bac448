import { PATRONI_PORT } from "../../data/postgres/patroniConfig";
import type { Hosts } from "../../topology/party";
import type { Address } from "../../topology/topology";
import { EXPORTER_PORTS, MONITORING_PODS, PROMETHEUS_SECRETS } from "../monitoringParts";
import { endpointAt, hostTargets, type ScrapeJob, type ScrapeTarget } from "../scrapeJob";
import type { Watched } from "../watched";

export const POSTGRES_AUTHORITY_FILE = "postgres-ca.crt";
export const VECTOR_STORE_KEY_FILE = "qdrant-read-only-key";

/** The data tier: what has metrics of its own, and the exporters beside what has none. */
export function dataJobs(args: Watched): readonly ScrapeJob[] {
  const { topology, haproxy, postgres, redis, rabbitmq, mariadb, objectStore, vectorStore } = args;
  const { prometheus } = MONITORING_PODS;
  const on = (provider: Hosts, id: string, port: number, purpose: string): readonly ScrapeTarget[] =>
    hostTargets(topology, prometheus, endpointAt(topology, { id, provider, port }), purpose);
  const jobs: ScrapeJob[] = [
    {
      job: "haproxy",
      targets: named(haproxy.hosts, haproxy.metrics(prometheus, "Prometheus reads HAProxy")),
      keep: "haproxy_(backend|frontend|process)_.+",
    },
  ];
  if (postgres !== undefined) {
    jobs.push(
      {
        job: "postgres",
        targets: on(
          postgres.hosts,
          "monitoring/postgres-exporter",
          EXPORTER_PORTS.postgres,
          "Prometheus reads PostgreSQL",
        ),
      },
      {
        job: "patroni",
        targets: on(postgres.hosts, "postgres/patroni", PATRONI_PORT, "Prometheus reads Patroni"),
        access: { caFile: `${PROMETHEUS_SECRETS}/${POSTGRES_AUTHORITY_FILE}` },
      },
    );
  }
  if (redis !== undefined) {
    jobs.push({
      job: "redis",
      targets: on(redis.hosts, "monitoring/redis-exporter", EXPORTER_PORTS.redis, "Prometheus reads Redis"),
    });
  }
  if (rabbitmq !== undefined) {
    jobs.push({
      job: "rabbitmq",
      targets: named(rabbitmq.hosts, rabbitmq.metrics(prometheus, "Prometheus reads RabbitMQ")),
    });
  }
  if (mariadb !== undefined) {
    jobs.push({
      job: "mariadb",
      targets: on(mariadb.hosts, "monitoring/mysqld-exporter", EXPORTER_PORTS.mariadb, "Prometheus reads MariaDB"),
    });
  }
  if (objectStore !== undefined) {
    const { path, addresses } = objectStore.metrics(prometheus, "Prometheus reads the object store");
    jobs.push({ job: "object-store", targets: named(objectStore.hosts, addresses), path });
  }
  if (vectorStore !== undefined) {
    jobs.push({
      job: "vector-store",
      targets: named(vectorStore.hosts, vectorStore.metrics(prometheus, "Prometheus reads Qdrant")),
      access: { tokenFile: `${PROMETHEUS_SECRETS}/${VECTOR_STORE_KEY_FILE}` },
    });
  }
  return jobs;
}

/** Addresses with the names of their machines. */
function named({ hosts }: Hosts, addresses: readonly Address[]): readonly ScrapeTarget[] {
  return addresses.map(({ host, port }) => ({
    address: `${host}:${port}`,
    labels: { machine: hosts.find(({ address }) => address === host)?.name ?? host },
  }));
}

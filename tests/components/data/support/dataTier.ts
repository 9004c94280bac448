import { HaproxyService } from "../../../../components/balancing/haproxyService";
import { ProxySqlService } from "../../../../components/data/mariadb/proxySqlService";
import type { DataService } from "../../../../components/data/dataService";
import { GaleraService } from "../../../../components/data/mariadb/galeraService";
import { MinioService } from "../../../../components/data/minio/minioService";
import { PostgresService, type PostgresServiceArgs } from "../../../../components/data/postgres/postgresService";
import { QdrantService } from "../../../../components/data/qdrant/qdrantService";
import { RabbitService } from "../../../../components/data/rabbit/rabbitService";
import { RedisService } from "../../../../components/data/redis/redisService";
import type { HostConfigPart } from "../../../../components/machines/hostConfig";
import { SecretLedger } from "../../../../components/secrets/secretLedger";
import type { Hosts, LoadBalancer, Pods } from "../../../../components/topology/party";
import { Topology } from "../../../../components/topology/topology";

/** `count` hosts of a group, with addresses from 10.0.0.`first`. */
export function hostsOf(group: string, first: number, count: number): Hosts {
  const hosts = Array.from({ length: count }, (_, index) => ({
    name: `${group}-0${index + 1}`,
    address: `10.0.0.${first + index}`,
  }));
  return { kind: "hosts", group, hosts };
}

export const DATA_LB: LoadBalancer = { kind: "loadBalancer", name: "lb-data", address: "10.0.0.10", public: false };
export const MARIADB_LB: LoadBalancer = { kind: "loadBalancer", name: "lb-maria", address: "10.0.0.20", public: false };
export const CHATWOOT: Pods = { kind: "pods", namespace: "chatwoot", app: "chatwoot-web" };
export const WORKER: Pods = { kind: "pods", namespace: "chatwoot", app: "chatwoot-worker" };
export const ADDRESSES = {
  networkCidr: "10.0.0.0/16",
  podCidr: "10.233.64.0/18",
  workloadPoolCidr: "10.233.64.0/19",
  tunnelPoolCidr: "10.233.96.0/19",
  serviceCidr: "10.233.0.0/18",
} as const;

export interface DataTierOptions {
  readonly postgres?: Partial<
    Pick<PostgresServiceArgs, "version" | "dcs" | "image" | "watchdog" | "memoryGb" | "cores">
  >;
  /** Members of each cluster. Default 3. */
  readonly members?: number;
  readonly minioMembers?: number;
}

/** Every service of the data tier over one topology, as prod has them. */
export function dataTier(options: DataTierOptions = {}) {
  const topology = new Topology();
  const secrets = new SecretLedger();
  const members = options.members ?? 3;
  const image = "ubuntu-22.04";
  const haproxy = new HaproxyService({ topology, secrets, hosts: hostsOf("haproxy", 11, 2) });
  const common = { topology, secrets, haproxy, loadBalancer: DATA_LB };
  const postgres = new PostgresService({
    ...common,
    hosts: hostsOf("postgres", 120, members),
    addresses: ADDRESSES,
    version: 16,
    image: "ubuntu-24.04",
    memoryGb: 16,
    cores: 4,
    ...options.postgres,
  });
  const redis = new RedisService({ ...common, hosts: hostsOf("redis", 130, members), memoryGb: 4, image });
  const rabbitmq = new RabbitService({ ...common, hosts: hostsOf("rabbitmq", 140, members), cores: 2, image });
  const mariadb = new GaleraService({
    topology,
    secrets,
    hosts: hostsOf("mariadb", 170, members),
    image,
    memoryGb: 8,
    cores: 4,
  });
  const proxysql = new ProxySqlService({
    topology,
    secrets,
    hosts: hostsOf("proxysql", 180, 2),
    galera: mariadb,
    image,
    loadBalancer: MARIADB_LB,
  });
  const minio = new MinioService({ topology, secrets, hosts: hostsOf("minio", 190, options.minioMembers ?? 1) });
  const qdrant = new QdrantService({ topology, secrets, hosts: hostsOf("qdrant", 200, 1) });
  const data: readonly DataService[] = [postgres, redis, rabbitmq, mariadb, minio, qdrant];
  return { topology, secrets, haproxy, postgres, redis, rabbitmq, mariadb, proxysql, minio, qdrant, data };
}

/** The first member of a group; a group without one is a mistake of the test. */
export function first(hosts: Hosts): Hosts["hosts"][number] {
  const [host] = hosts.hosts;
  if (host === undefined) throw new Error(`${hosts.group} has no hosts`);
  return host;
}

/** Content of one file of a part; a missing one is a failure that names those that are there. */
export function fileOf(part: HostConfigPart, path: string): string {
  const found = part.files?.find((file) => file.path === path);
  if (found === undefined)
    throw new Error(`no ${path}; there are ${(part.files ?? []).map((file) => file.path).join(", ")}`);
  return found.content;
}

/** A part as a person would read it: what is installed, run and written. */
export function readable(part: HostConfigPart): string {
  return [
    `packages: ${(part.packages ?? []).map(({ name }) => name).join(" ")}`,
    ...(part.aptRepositories ?? []).map(({ uri, suites }) => `repository: ${uri} ${suites.join(" ")}`),
    ...(part.binaries ?? []).map(({ path, url }) => `binary: ${path} from ${url}`),
    ...(part.units ?? []).map((unit) => `unit: ${unit.name} ${unit.enabled ? "enabled" : "disabled"} ${unit.state}`),
    ...(part.units ?? []).flatMap((unit) =>
      [unit.content, ...Object.values(unit.dropIns ?? {})].flatMap((text) =>
        text === undefined ? [] : [`--- ${unit.name}`, text],
      ),
    ),
    ...(part.files ?? []).flatMap((file) => [
      `--- ${file.path} ${file.owner ?? "root"}:${file.group ?? "root"} ${file.mode ?? (file.secret === true ? "0600" : "0644")}${file.secret === true ? " secret" : ""}`,
      file.content,
    ]),
    ...(part.steps ?? []).flatMap((step) => [`--- step ${step.id}`, ...step.run]),
    ...(part.checks ?? []).map((check) => `check: ${check.id}: ${check.command}`),
    ...(part.joined ?? []).map((check) => `joined: ${check.id}: ${check.command}`),
  ].join("\n");
}

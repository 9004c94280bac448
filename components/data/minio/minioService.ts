import type { HostConfigPart } from "../../machines/hostConfig";
import type { SecretLedger } from "../../secrets/secretLedger";
import type { HostRef, Hosts, Party } from "../../topology/party";
import type { Address, Endpoint, Topology } from "../../topology/topology";
import {
  MINIO_BINARIES,
  MINIO_CLIENT,
  MINIO_CONSOLE_PORT,
  MINIO_DATA,
  MINIO_PORT,
  MINIO_REGION,
  minioBucketsScript,
  minioEnvironment,
  minioLayoutScript,
  minioRetireScript,
  minioUnit,
} from "./minioConfig";
import type { BucketAccess, BucketRequest, BucketSpec, ObjectStore } from "../objectStore";
import type { PinnedBinary } from "../pinnedBinary";
import type { ClusterJob } from "../dataService";
import { assertNoProblems, quorumProblems } from "../quorum";
import { firstOf, memberOf } from "../serviceHosts";

/** Where backups of the data tier go (docs/estate.md, MinIO). */
export const BACKUP_BUCKET = "keybuzz-backups";
const NAME = /^[a-z0-9][a-z0-9-]{1,50}[a-z0-9]$/;

export interface MinioServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** One machine, or four and more for the distributed mode. */
  readonly hosts: Hosts;
  /** Default: MINIO_BINARIES. */
  readonly binaries?: { readonly server: PinnedBinary; readonly client: PinnedBinary };
}

const ENVIRONMENT = "/etc/default/minio";

/** MinIO behind the ObjectStore type. */
export class MinioService implements ObjectStore {
  readonly token = "MinioObjectStore";
  readonly name = "object-store";
  readonly hosts: Hosts;
  readonly #args: MinioServiceArgs;
  readonly #api: Endpoint;
  readonly #console: Endpoint;
  readonly #rootPassword: string;
  readonly #buckets = new Map<string, BucketSpec>();
  #openMetrics = false;

  constructor(args: MinioServiceArgs) {
    const { topology, hosts } = args;
    assertNoProblems(
      "minio",
      quorumProblems("minio.hosts", hosts.hosts, { kind: "replicas", minimum: 4, voter: "erasure coding" }),
    );
    this.#args = args;
    this.hosts = hosts;
    this.#api = topology.endpoint({
      id: "minio/api",
      provider: hosts,
      port: MINIO_PORT,
      protocol: "tcp",
      // Every node serves every object; clients use the first (docs: MinIO, distributed mode).
      host: hosts.hosts[0]?.address ?? "",
    });
    if (hosts.hosts.length > 1) topology.allow(hosts, this.#api, "MinIO's nodes share objects");
    this.#console = topology.endpoint({
      id: "minio/console",
      provider: hosts,
      port: MINIO_CONSOLE_PORT,
      protocol: "tcp",
    });
    this.#rootPassword = args.secrets.generated("minio/root");
    this.#bucket(BACKUP_BUCKET, true);
  }

  bucket(consumer: Party, { name, versioned = true, purpose }: BucketRequest): BucketAccess {
    if (!NAME.test(name)) {
      throw new Error(
        `minio.buckets[${name}].name: found "${name}"; allowed: 3-52 lower-case letters, digits and hyphens; fix: choose the consumer's name`,
      );
    }
    const { name: bucket, accessKey, secretKey } = this.#bucket(`keybuzz-${name}`, versioned);
    const address = this.#args.topology.connect(consumer, this.#api, purpose);
    return {
      address,
      url: `http://${address.host}:${address.port}`,
      bucket,
      region: MINIO_REGION,
      accessKey,
      secretKey,
    };
  }

  reach(consumer: Party, purpose: string): Address {
    return this.#args.topology.connect(consumer, this.#api, purpose);
  }

  get buckets(): readonly BucketSpec[] {
    return [...this.#buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** MinIO's tokens for metrics are signed with its root password: it is better that sizes are no secret. */
  metrics(consumer: Party, purpose: string): { readonly path: string; readonly addresses: readonly Address[] } {
    this.#openMetrics = true;
    this.#args.topology.allow(consumer, this.#api, purpose);
    const addresses = this.hosts.hosts.map(({ address }) => ({ host: address, port: MINIO_PORT, endpoint: this.#api }));
    return { path: "/minio/v2/metrics/cluster", addresses };
  }

  /** The console, for people on the private network: one address per member. */
  console(consumer: Party, purpose: string): readonly Address[] {
    this.#args.topology.allow(consumer, this.#console, purpose);
    return this.hosts.hosts.map(({ address }) => ({
      host: address,
      port: MINIO_CONSOLE_PORT,
      endpoint: this.#console,
    }));
  }

  /** Buckets and keys. */
  clusterJob(): ClusterJob {
    const script = minioBucketsScript(firstOf("minio", this.hosts), this.#rootPassword, this.buckets);
    return { makes: "accounts", script };
  }

  /** Its members restart as soon as their configuration changes. */
  rolling(): undefined {
    return undefined;
  }

  retireScript(): string | undefined {
    const retired = this.buckets.flatMap((bucket) => bucket.retired ?? []);
    if (retired.length === 0) return undefined;
    return minioRetireScript(firstOf("minio", this.hosts), this.#rootPassword, retired);
  }

  fragment(host: HostRef): HostConfigPart {
    const member = memberOf("minio", this.hosts, host);
    const { server, client } = this.#args.binaries ?? MINIO_BINARIES;
    const owner = { owner: "minio", group: "minio" };
    const content = minioEnvironment({
      host: member,
      members: this.hosts.hosts,
      rootPassword: this.#rootPassword,
      openMetrics: this.#openMetrics,
    });
    return {
      packages: [{ name: "curl" }],
      users: [{ name: "minio", home: "/var/lib/minio" }],
      directories: [
        { path: "/var/lib/minio", ...owner, mode: "0750" },
        { path: MINIO_DATA, ...owner, mode: "0750" },
      ],
      binaries: [
        { path: "/usr/local/bin/minio", ...server },
        { path: MINIO_CLIENT, ...client },
      ],
      files: [{ path: ENVIRONMENT, content, group: "minio", mode: "0640", secret: true }],
      // A single drive cannot be expanded, and several must not be root disks (github.com/minio/minio/issues/14582, 9936).
      ...(this.hosts.hosts.length > 1
        ? {
            steps: [
              {
                id: "minio-layout",
                stage: "beforePackages",
                when: { kind: "unless", command: minioLayoutScript() },
                run: [minioLayoutScript()],
              } as const,
            ],
          }
        : {}),
      sysctl: [{ key: "net.ipv4.ip_nonlocal_bind", value: 1 }],
      units: [
        {
          name: "minio.service",
          content: minioUnit(),
          enabled: true,
          state: "running",
          restartOn: [ENVIRONMENT, "/usr/local/bin/minio"],
          waitsForPeers: this.hosts.hosts.length > 1,
        },
      ],
      joined: [
        {
          id: "minio-live",
          command: `curl -fsS -o /dev/null http://${member.address}:${MINIO_PORT}/minio/health/live`,
          attempts: 300,
          remedy: "journalctl -u minio shows whether it finds the other members and its data directory",
        },
      ],
    };
  }

  #bucket(name: string, versioned: boolean): BucketSpec {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const { user: accessKey, password: secretKey, retired } = this.#args.secrets.account(`minio/${name}`, name, 40);
    const spec = { name, versioned, accessKey, secretKey, ...(retired === undefined ? {} : { retired }) };
    this.#buckets.set(name, spec);
    return spec;
  }
}

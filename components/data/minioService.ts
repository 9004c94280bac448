import type { SecretLedger } from "../secrets/secretLedger";
import type { Hosts, Party } from "../topology/party";
import type { Endpoint, Topology } from "../topology/topology";
import type { BucketAccess, BucketRequest, BucketSpec, ObjectStore } from "./objectStore";
import { assertNoProblems, quorumProblems } from "./quorum";

export const MINIO_PORT = 9000;
export const MINIO_CONSOLE_PORT = 9001;
/** MinIO's default; clients must sign with the same. */
const REGION = "us-east-1";
/** Where backups of the data tier go (platform.md, M6). */
export const BACKUP_BUCKET = "keybuzz-backups";
const NAME = /^[a-z0-9][a-z0-9-]{1,50}[a-z0-9]$/;

export interface MinioServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** One machine, or four and more for the distributed mode. */
  readonly hosts: Hosts;
}

/** MinIO behind the ObjectStore type. */
export class MinioService implements ObjectStore {
  readonly hosts: Hosts;
  readonly #args: MinioServiceArgs;
  readonly #api: Endpoint;
  readonly #buckets = new Map<string, BucketSpec>();

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
    return { address, url: `http://${address.host}:${address.port}`, bucket, region: REGION, accessKey, secretKey };
  }

  get buckets(): readonly BucketSpec[] {
    return [...this.#buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #bucket(name: string, versioned: boolean): BucketSpec {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const spec = { name, versioned, accessKey: name, secretKey: this.#args.secrets.generated(`minio/${name}`, 40) };
    this.#buckets.set(name, spec);
    return spec;
  }
}

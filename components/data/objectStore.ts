import type { Party } from "../topology/party";
import type { Address } from "../topology/topology";
import type { DataService } from "./dataService";

export interface BucketRequest {
  /** Name of the consumer, which is the bucket's suffix and its access key's name: "chatwoot". */
  readonly name: string;
  /** Keep old versions of objects. Default true. */
  readonly versioned?: boolean;
  readonly purpose: string;
}

export interface BucketAccess {
  readonly address: Address;
  /** "http://host:port" */
  readonly url: string;
  readonly bucket: string;
  readonly region: string;
  /** A name, not a secret. */
  readonly accessKey: string;
  /** Placeholder. */
  readonly secretKey: string;
}

/** A bucket as the store must have it. */
export interface BucketSpec {
  readonly name: string;
  readonly versioned: boolean;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Its access key before the last rotation. Absent: never rotated. */
  readonly retired?: string;
}

/** Any S3: MinIO today; Hetzner Object Storage, Garage or SeaweedFS behind the same type. */
export interface ObjectStore extends DataService {
  /** A bucket and a key of its own for a consumer; asking again by other pods of the same application adds their flow. */
  bucket(consumer: Party, request: BucketRequest): BucketAccess;
  /** The store itself, for whoever passes signed requests on to it: no bucket, and no key. */
  reach(consumer: Party, purpose: string): Address;
  readonly buckets: readonly BucketSpec[];
  /** Lets a monitoring system read metrics: one address per machine, and the path. */
  metrics(consumer: Party, purpose: string): { readonly path: string; readonly addresses: readonly Address[] };
}

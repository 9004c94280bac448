import type { SecretLedger } from "../secrets/secretLedger";
import type { Hosts, Party } from "../topology/party";
import type { Address, Endpoint, Topology } from "../topology/topology";

export const QDRANT_HTTP_PORT = 6333;
export const QDRANT_GRPC_PORT = 6334;

export interface QdrantServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** One machine. */
  readonly hosts: Hosts;
}

export interface VectorAccess {
  readonly address: Address;
  /** "http://host:port" */
  readonly url: string;
  /** Placeholder. */
  readonly apiKey: string;
}

/** Qdrant on one machine, with one API key. */
export class QdrantService {
  readonly hosts: Hosts;
  readonly #args: QdrantServiceArgs;
  readonly #http: Endpoint;
  readonly #apiKey: string;

  constructor(args: QdrantServiceArgs) {
    this.#args = args;
    this.hosts = args.hosts;
    this.#apiKey = args.secrets.generated("qdrant/api-key", 48);
    this.#http = args.topology.endpoint({
      id: "qdrant/http",
      provider: args.hosts,
      port: QDRANT_HTTP_PORT,
      protocol: "tcp",
    });
  }

  connect(consumer: Party, want: { readonly purpose: string }): VectorAccess {
    const address = this.#args.topology.connect(consumer, this.#http, want.purpose);
    return { address, url: `http://${address.host}:${address.port}`, apiKey: this.#apiKey };
  }
}

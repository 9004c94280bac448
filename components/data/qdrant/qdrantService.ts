import { stringify } from "yaml";
import type { HostConfigPart } from "../../machines/hostConfig";
import type { SecretLedger } from "../../secrets/secretLedger";
import type { HostRef, Hosts, Party } from "../../topology/party";
import type { Address, Endpoint, Topology } from "../../topology/topology";
import type { BucketAccess } from "../objectStore";
import type { PinnedBinary } from "../pinnedBinary";
import type { DataService } from "../dataService";
import { snapshotStorage, snapshotTimer } from "./qdrantSnapshots";
import { assertNoProblems, quorumProblems } from "../quorum";
import { memberOf } from "../serviceHosts";

export const QDRANT_HTTP_PORT = 6333;

/** Qdrant 1.19.0, the build that needs no library of the system. */
export const QDRANT_BINARY: PinnedBinary & { readonly tarMember: string } = {
  url: "https://github.com/qdrant/qdrant/releases/download/v1.19.0/qdrant-x86_64-unknown-linux-musl.tar.gz",
  sha256: "9ec667456443463eee390e43cd36988af6b730c6db807b4e39f57c303d0264a3",
  tarMember: "qdrant",
};

const CONFIG = "/etc/qdrant/config.yaml";
const ENVIRONMENT = "/etc/qdrant/environment";
const HOME = "/var/lib/qdrant";

export interface QdrantServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  /** One machine. */
  readonly hosts: Hosts;
  /** For snapshots. Default: they stay on the machine's own disk. */
  readonly snapshots?: BucketAccess;
  /** Default: QDRANT_BINARY. */
  readonly binary?: PinnedBinary & { readonly tarMember: string };
}

export interface VectorAccess {
  readonly address: Address;
  /** "http://host:port" */
  readonly url: string;
  /** Placeholder. */
  readonly apiKey: string;
}

/** Qdrant on one machine, with one API key, and another that only reads. */
export class QdrantService implements DataService {
  readonly token = "QdrantVectorStore";
  readonly name = "vector-store";
  readonly hosts: Hosts;
  readonly #args: QdrantServiceArgs;
  readonly #http: Endpoint;
  readonly #apiKey: string;
  /** Placeholder of the key that only reads. */
  readonly readOnlyKey: string;

  constructor(args: QdrantServiceArgs) {
    assertNoProblems(
      "qdrant",
      quorumProblems("qdrant.hosts", args.hosts.hosts, { kind: "replicas", maximum: 1, voter: "Qdrant" }),
    );
    this.#args = args;
    this.hosts = args.hosts;
    this.#apiKey = args.secrets.generated("qdrant/api-key", 48);
    this.readOnlyKey = args.secrets.generated("qdrant/read-only-key", 48);
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

  /** Its figures at /metrics, for who sends the read-only key as a bearer token. */
  metrics(consumer: Party, purpose: string): readonly Address[] {
    return [this.#args.topology.connect(consumer, this.#http, purpose)];
  }

  /** Its keys stand in its configuration. */
  clusterJob(): undefined {
    return undefined;
  }

  /** One machine: it restarts as soon as its configuration changes. */
  rolling(): undefined {
    return undefined;
  }

  /** Its keys are never rotated. */
  retireScript(): undefined {
    return undefined;
  }

  fragment(host: HostRef): HostConfigPart {
    const { address } = memberOf("qdrant", this.hosts, host);
    const owner = { owner: "qdrant", group: "qdrant" };
    const url = `http://${address}:${QDRANT_HTTP_PORT}`;
    const snapshots = snapshotStorage(this.#args.snapshots);
    const timer = snapshotTimer({ url, environmentFile: ENVIRONMENT });
    const keys = [
      `QDRANT__SERVICE__API_KEY=${this.#apiKey}`,
      `QDRANT__SERVICE__READ_ONLY_API_KEY=${this.readOnlyKey}`,
      ...snapshots.environment,
    ];
    const config = {
      log_level: "INFO",
      telemetry_disabled: true,
      // Without gRPC, which no consumer asks for.
      service: { host: address, http_port: QDRANT_HTTP_PORT, grpc_port: null, enable_cors: false },
      storage: {
        storage_path: `${HOME}/storage`,
        snapshots_path: `${HOME}/snapshots`,
        snapshots_config: snapshots.config,
        on_disk_payload: true,
      },
      cluster: { enabled: false },
    };
    return {
      ...timer,
      packages: [...(timer.packages ?? []), { name: "curl" }],
      users: [{ name: "qdrant", home: HOME }],
      directories: [HOME, `${HOME}/storage`, `${HOME}/snapshots`].map((path) => ({ path, ...owner, mode: "0750" })),
      binaries: [{ path: "/usr/local/bin/qdrant", ...(this.#args.binary ?? QDRANT_BINARY) }],
      files: [
        ...(timer.files ?? []),
        { path: CONFIG, content: stringify(config) },
        { path: ENVIRONMENT, content: `${keys.join("\n")}\n`, mode: "0600", secret: true },
      ],
      sysctl: [{ key: "net.ipv4.ip_nonlocal_bind", value: 1 }],
      units: [
        {
          name: "qdrant.service",
          content: qdrantUnit(),
          enabled: true,
          state: "running",
          restartOn: [CONFIG, ENVIRONMENT, "/usr/local/bin/qdrant"],
        },
      ],
      checks: [
        {
          id: "qdrant-ready",
          command: `curl -fsS -o /dev/null ${url}/readyz`,
          remedy: "journalctl -u qdrant shows what it dislikes in /etc/qdrant/config.yaml",
        },
      ],
    };
  }
}

function qdrantUnit(): string {
  return [
    "[Unit]",
    "Description=Qdrant vector store",
    "After=network-online.target",
    "Wants=network-online.target",
    "",
    "[Service]",
    "User=qdrant",
    "Group=qdrant",
    `WorkingDirectory=${HOME}`,
    `EnvironmentFile=${ENVIRONMENT}`,
    `ExecStart=/usr/local/bin/qdrant --config-path ${CONFIG}`,
    "Restart=always",
    "RestartSec=2",
    "LimitNOFILE=65536",
    "NoNewPrivileges=true",
    "ProtectSystem=full",
    "ProtectHome=true",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}

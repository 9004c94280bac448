import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";
import type { BucketSpec } from "../objectStore";
import type { PinnedBinary } from "../pinnedBinary";

export const MINIO_PORT = 9000;
export const MINIO_CONSOLE_PORT = 9001;
export const MINIO_DATA = "/var/lib/minio/data";
/** MinIO's default; clients must sign with the same. */
export const MINIO_REGION = "us-east-1";
/** mc. */
export const MINIO_CLIENT = "/usr/local/bin/mc";
export const MINIO_ROOT_USER = "keybuzz-root";

/**
 * The last builds that upstream published for its open-source edition. Upstream has withdrawn its downloads at
 * times: then name a mirror of one's own, the checksum stays.
 */
export const MINIO_BINARIES: { readonly server: PinnedBinary; readonly client: PinnedBinary } = {
  server: {
    url: "https://dl.min.io/server/minio/release/linux-amd64/archive/minio.RELEASE.2025-09-07T16-13-09Z",
    sha256: "7c5bd8512c6e966455b1d198209358b2d191c77a83ab377c4073281065fb855f",
  },
  client: {
    url: "https://dl.min.io/client/mc/release/linux-amd64/archive/mc.RELEASE.2025-08-13T08-35-41Z",
    sha256: "01f866e9c5f9b87c2b09116fa5d7c06695b106242d829a8bb32990c00312e891",
  },
};

/** Volumes as MinIO wants them: one directory, or the same on every member in one fixed order. */
export function minioVolumes(members: readonly HostRef[]): string {
  if (members.length === 1) return MINIO_DATA;
  return members.map(({ address }) => `http://${address}:${MINIO_PORT}${MINIO_DATA}`).join(" ");
}

/** /etc/default/minio */
export function minioEnvironment(args: {
  readonly host: HostRef;
  readonly members: readonly HostRef[];
  readonly rootPassword: string;
  /** Metrics without a login, for whoever reaches the port. Default false. */
  readonly openMetrics?: boolean;
}): string {
  const { host, members, rootPassword } = args;
  return [
    `MINIO_ROOT_USER=${MINIO_ROOT_USER}`,
    `MINIO_ROOT_PASSWORD=${rootPassword}`,
    `MINIO_VOLUMES="${minioVolumes(members)}"`,
    `MINIO_OPTS="--address ${host.address}:${MINIO_PORT} --console-address ${host.address}:${MINIO_CONSOLE_PORT}"`,
    `MINIO_REGION=${MINIO_REGION}`,
    "MINIO_UPDATE=off",
    ...(args.openMetrics === true ? ["MINIO_PROMETHEUS_AUTH_TYPE=public"] : []),
    "",
  ].join("\n");
}

export function minioUnit(): string {
  return [
    "[Unit]",
    "Description=MinIO object storage",
    "After=network-online.target",
    "Wants=network-online.target",
    "",
    "[Service]",
    "Type=notify",
    "User=minio",
    "Group=minio",
    "EnvironmentFile=/etc/default/minio",
    "ExecStart=/usr/local/bin/minio server $MINIO_OPTS $MINIO_VOLUMES",
    "Restart=always",
    "RestartSec=2",
    "LimitNOFILE=65536",
    "TimeoutStartSec=600",
    "NoNewPrivileges=true",
    "ProtectSystem=full",
    "ProtectHome=true",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}

/** A job for one member: buckets, versioning, lifecycle, one account each. Secrets by standard input or environment. */
export function minioBucketsScript(host: HostRef, rootPassword: string, buckets: readonly BucketSpec[]): string {
  return (
    client(host, rootPassword) +
    shellScript(join(__dirname, "minioBuckets.sh"), {
      buckets: buckets.map(
        ({ name, versioned, accessKey, secretKey }) =>
          `${name} ${versioned ? "enable" : "suspend"} ${accessKey} ${secretKey}`,
      ),
      policies: buckets.map(({ name }) => JSON.stringify(policy(name))),
      lifecycle: JSON.stringify({ Rules: LIFECYCLE }),
    })
  );
}

/** Bash for each of several members: fails, and says what to do, where one machine's objects or no volume are there. */
export function minioLayoutScript(): string {
  return shellScript(join(__dirname, "minioLayout.sh"), { data: MINIO_DATA });
}

/** Consumers have their new keys: those before go. For one member; idempotent. */
export function minioRetireScript(host: HostRef, rootPassword: string, accessKeys: readonly string[]): string {
  return client(host, rootPassword) + shellScript(join(__dirname, "minioRetire.sh"), { access_keys: accessKeys });
}

function client(host: HostRef, rootPassword: string): string {
  return shellScript(join(__dirname, "minioClient.sh"), {
    store: `http://${MINIO_ROOT_USER}:${rootPassword}@${host.address}:${MINIO_PORT}`,
    client: MINIO_CLIENT,
  });
}

/** What an interrupted upload left behind is of no use after a week. */
const LIFECYCLE: readonly unknown[] = [
  {
    ID: "abandoned-uploads",
    Status: "Enabled",
    Filter: { Prefix: "" },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
  },
];

/** Of the bucket itself: what is in it. Neither its end nor its policies, versions and lifecycle, which are the program's. */
const ON_BUCKET = [
  "ListBucket",
  "ListBucketVersions",
  "ListBucketMultipartUploads",
  "GetBucketLocation",
  "GetBucketVersioning",
];
/** Of its objects. A version that was overwritten or deleted stays: no key of a consumer takes it away. */
const ON_OBJECTS = [
  ...["GetObject", "GetObjectVersion", "PutObject", "DeleteObject", "GetObjectTagging", "PutObjectTagging"],
  ...["AbortMultipartUpload", "ListMultipartUploadParts"],
];

/** What a consumer's key may do: keep objects within its one bucket. */
function policy(bucket: string): unknown {
  const allow = (actions: readonly string[], resource: string): unknown => ({
    Effect: "Allow",
    Action: actions.map((action) => `s3:${action}`),
    Resource: [resource],
  });
  const arn = `arn:aws:s3:::${bucket}`;
  return { Version: "2012-10-17", Statement: [allow(ON_BUCKET, arn), allow(ON_OBJECTS, `${arn}/*`)] };
}

import type { HostConfigPart } from "../../machines/hostConfig";
import type { BucketAccess } from "../objectStore";

const SCRIPT = "/usr/local/sbin/qdrant-snapshots";

export interface QdrantSnapshotsArgs {
  /** "http://host:port" of the service itself. */
  readonly url: string;
  /** File of KEY=VALUE lines with QDRANT__SERVICE__API_KEY; only root reads it. */
  readonly environmentFile: string;
  /** Snapshots that are kept of each collection. Default 3. */
  readonly keep?: number;
}

/** Where Qdrant puts snapshots: `storage.snapshots_config` of its configuration, and what of it is secret. */
export function snapshotStorage(bucket: BucketAccess | undefined): {
  readonly config: object;
  /** Lines of the environment file. */
  readonly environment: readonly string[];
} {
  if (bucket === undefined) return { config: { snapshots_storage: "local" }, environment: [] };
  return {
    config: {
      snapshots_storage: "s3",
      s3_config: {
        bucket: bucket.bucket,
        region: bucket.region,
        access_key: bucket.accessKey,
        endpoint_url: bucket.url,
      },
    },
    environment: [`QDRANT__STORAGE__SNAPSHOTS_CONFIG__S3_CONFIG__SECRET_KEY=${bucket.secretKey}`],
  };
}

/** A snapshot of every collection each night (Qdrant makes none by itself); the oldest go. */
export function snapshotTimer(args: QdrantSnapshotsArgs): HostConfigPart {
  return {
    packages: [{ name: "python3" }],
    files: [{ path: SCRIPT, content: snapshotScript(args), mode: "0755" }],
    timers: [
      {
        name: "qdrant-snapshots",
        description: "Snapshots of Qdrant's collections",
        onCalendar: "*-*-* 02:15:00",
        command: SCRIPT,
        timeoutSeconds: 4 * 3600,
      },
    ],
  };
}

/**
 * Python for root. Goes on after a collection that fails, deletes nothing of that one, and fails in the end with all
 * names. API: api.qdrant.tech, Snapshots (create, list, delete a collection's snapshot).
 */
export function snapshotScript({ url, environmentFile, keep = 3 }: QdrantSnapshotsArgs): string {
  return `#!/usr/bin/env python3
import json, sys, urllib.error, urllib.parse, urllib.request

URL, ENVIRONMENT, KEEP = ${JSON.stringify(url)}, ${JSON.stringify(environmentFile)}, ${keep}
with open(ENVIRONMENT) as lines:
    settings = dict(line.rstrip("\\n").split("=", 1) for line in lines if "=" in line)


def ask(method, *path):
    way = "/".join(urllib.parse.quote(part, safe="") for part in path)
    request = urllib.request.Request(f"{URL}/{way}", method=method)
    request.add_header("api-key", settings["QDRANT__SERVICE__API_KEY"])
    with urllib.request.urlopen(request, timeout=3 * 3600) as answer:
        return json.load(answer)["result"]


def snapshot(collection):
    made = ask("POST", "collections", collection, "snapshots")["name"]
    there = ask("GET", "collections", collection, "snapshots")
    if made not in [one["name"] for one in there]:
        raise ValueError(f"{made} was made, and is not in the list")
    # Oldest first; the name bears the date, too.
    there.sort(key=lambda one: (one.get("creation_time") or "", one["name"]))
    for old in there[:-KEEP]:
        if old["name"] != made:
            ask("DELETE", "collections", collection, "snapshots", old["name"])
    print(f"{collection}: {made}")


failed = []
try:
    collections = [one["name"] for one in ask("GET", "collections")["collections"]]
except (OSError, ValueError, KeyError) as error:
    sys.exit(f"qdrant-snapshots: {URL} does not list its collections: {error}; remedy: systemctl status qdrant")
for collection in sorted(collections):
    try:
        snapshot(collection)
    except (OSError, ValueError, KeyError) as error:
        failed.append(f"{collection}: {error}")
if failed:
    remedy = "remedy: journalctl -u qdrant; a full disk, or the object store refuses"
    sys.exit("qdrant-snapshots: no snapshot of " + "; ".join(failed) + f"; {remedy}")
`;
}

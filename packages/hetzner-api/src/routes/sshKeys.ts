import { createHash } from "node:crypto";
import { z } from "zod";
import { invalidField, notUnique } from "../http/apiError";
import type { Router } from "../http/router";
import { requireRoom, type CloudContext } from "../model/context";
import type { SshKeyRow } from "../model/rows";
import { labels, name, parseBody } from "../rules/body";
import { registerResource } from "./resource";

const PUBLIC_KEY =
  /^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) ([A-Za-z0-9+/=]+)( .*)?$/;

/** MD5, colon separated, as Hetzner and `ssh-keygen -E md5` show it. */
function fingerprintOf(publicKey: string): string {
  const match = PUBLIC_KEY.exec(publicKey.trim());
  const blob = Buffer.from(match?.[5] ?? "", "base64");
  // The blob repeats the type, so a truncated or mixed up key is found out.
  const typeLength = blob.length > 4 ? blob.readUInt32BE(0) : 0;
  if (match === null || blob.subarray(4, 4 + typeLength).toString() !== match[1])
    throw invalidField("public_key", "is no valid OpenSSH public key");
  return createHash("md5")
    .update(blob)
    .digest("hex")
    .replace(/..(?=.)/g, "$&:");
}

export function sshKeyRoutes(router: Router, cloud: CloudContext): void {
  const render = (row: SshKeyRow): object => ({
    id: row.id,
    name: row.name,
    fingerprint: row.fingerprint,
    public_key: row.publicKey,
    labels: row.labels,
    created: row.created,
  });
  registerResource(router, cloud, {
    kind: "ssh_key",
    plural: "ssh_keys",
    hasActions: false,
    render,
    name,
    sortFields: ["id", "name"],
    filters: { fingerprint: (row, values) => values.includes(row.fingerprint) },
    remove: (row) => {
      cloud.store.remove("ssh_key", row.id);
      return { status: 204 };
    },
  });
  router.post("/ssh_keys", ({ body }) => {
    const wish = parseBody(z.object({ name, public_key: z.string().min(1), labels: labels.optional() }), body);
    const fingerprint = fingerprintOf(wish.public_key);
    requireRoom(cloud, "ssh_key", wish.name);
    if (cloud.store.list("ssh_key").some((row) => row.fingerprint === fingerprint))
      throw notUnique("public_key", fingerprint);
    const row = cloud.store.put("ssh_key", {
      id: cloud.store.nextId(),
      name: wish.name,
      labels: wish.labels ?? {},
      created: new Date().toISOString(),
      publicKey: wish.public_key,
      fingerprint,
    });
    return { status: 201, body: { ssh_key: render(row) } };
  });
}

import { z } from "zod";
import { count, domain, hostname, image, port, workload } from "./schemaParts";

const seconds = z.int().min(1).max(3600);
const megabytes = z.int().min(1).max(5000);
const urlPath = z.string().regex(/^\/[A-Za-z0-9._\-/]*$/, { error: 'must be a path such as "/health"' });
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'must be a variable such as "LOG_LEVEL"' });
const configKey = z.string().regex(/^[a-z][A-Za-z0-9]*$/, { error: 'must be a key such as "shopToken"' });
const path = { path: urlPath, match: z.enum(["prefix", "exact"]).exactOptional() };

const route = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("http"),
    ...path,
    responseTimeoutSeconds: seconds.exactOptional(),
    maxBodyMb: megabytes.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("websocket"),
    ...path,
    heartbeatSeconds: seconds,
    idleTimeoutSeconds: seconds.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("sse"),
    ...path,
    heartbeatSeconds: seconds,
    firstByteSeconds: seconds,
    maxBodyMb: megabytes.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("upload"),
    ...path,
    maxBodyMb: megabytes,
    responseTimeoutSeconds: seconds.exactOptional(),
  }),
]);

const connector = z.strictObject({
  ...workload,
  name: hostname,
  namespace: hostname,
  port,
  readinessPath: urlPath,
  livenessPath: urlPath.exactOptional(),
  maxReplicas: count.exactOptional(),
  needs: z.array(z.enum(["database", "redis", "rabbit", "bucket", "vectors", "llm"])).exactOptional(),
  redisIndex: z.int().exactOptional(),
  outbound: z.boolean().exactOptional(),
  env: z.record(variable, z.string()).exactOptional(),
  configuredSecrets: z.record(variable, configKey).exactOptional(),
  routes: z.array(route).min(1).exactOptional(),
});

const unseal = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("manual") }),
  z.strictObject({
    kind: z.literal("transit"),
    address: z.string().regex(/^https:\/\/[a-z0-9.-]+(:\d+)?$/, {
      error: 'must be the https address of another Vault, such as "https://vault.example.org:8200"',
    }),
    keyName: z.string().regex(/^[\w-]+$/, { error: 'must be the name of a transit key, such as "keybuzz-unseal"' }),
  }),
]);

/** Shapes of the workloads beside the first four. */
export const furtherWorkloads = {
  n8n: z.strictObject({ image, host: domain, workerReplicas: count, webhookReplicas: count }).exactOptional(),
  superset: z
    .strictObject({
      ...workload,
      host: domain,
      workerReplicas: count,
      adminEmail: z.email({ error: 'must be an address such as "bi@keybuzz.io"' }),
    })
    .exactOptional(),
  erpNext: z
    .strictObject({
      ...workload,
      host: domain,
      workerReplicas: count,
      filesGb: z.int().min(1).max(2000),
      sharedClass: hostname.exactOptional(),
    })
    .exactOptional(),
  connectors: z.array(connector).exactOptional(),
  vault: z
    .strictObject({
      image,
      injectorImage: image,
      replicas: count,
      unseal,
      failurePolicy: z.enum(["Fail", "Ignore"]),
    })
    .exactOptional(),
};

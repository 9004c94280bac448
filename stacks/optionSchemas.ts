import { z } from "zod";
import { isCidr } from "../components/topology/addresses";
import { parseQuantity } from "../components/apps/quantity";
import { domain, megabytes, port, seconds, text, urlPath } from "./schemaParts";

// What options of workloads are made of. The types are the components' own (workloadSpecs.ts holds them together).

/** Users and groups; 0 is root, which no workload is. */
const userId = z.int().min(1).max(65_535);
export const filePath = text(
  (path) => /^\/[\w./-]*\w$/.test(path) && !path.split("/").includes(".."),
  "an absolute path below /",
  "/tmp",
);
const quantity = (example: string) =>
  text((amount) => (parseQuantity(amount) ?? 0) > 0, "a positive quantity of Kubernetes", example);

export const runtime = z.strictObject({
  /** User that the processes run as. */
  uid: userId,
  /** Default: uid. */
  gid: userId.exactOptional(),
  /** May its processes write beside their own files? The reason is kept as an annotation of the pods. */
  rootFilesystem: z.union([
    z.literal("readOnly"),
    z.strictObject({
      /** Why they must. */
      writableBecause: z.string().min(1),
    }),
  ]),
  /** Empty at every start of a pod. Default: ["/tmp"]. */
  writableDirectories: z.array(filePath).exactOptional(),
});

const bounds = (request: string, limit: string) =>
  z.strictObject({
    /** Reserved on the node. */
    request: quantity(request),
    /** More is throttled (cpu) or killed (memory). */
    limit: quantity(limit),
  });
export const resources = z.strictObject({
  /** Cores. */
  cpu: bounds("100m", "1"),
  /** Bytes. */
  memory: bounds("256Mi", "512Mi"),
});

const duty = z.enum(["ai", "monitoring"]);
export const placement = z.union([
  z.strictObject({
    /** Workers to stay away from, by their duty. */
    avoid: z.array(duty),
    /** true: rather not run at all than there; false: only when nothing else is free. */
    strict: z.boolean(),
  }),
  z.strictObject({
    /** On the workers kept for that, and nowhere else. */
    only: duty,
  }),
]);

/** leader: reads and writes; pooled: the same through PgBouncer in transaction mode; replicas: reads that may be late. */
export const databaseVia = z.enum(["leader", "pooled", "replicas"]);

const network = text(
  (cidr) => isCidr(cidr) && !cidr.endsWith("/0"),
  "a network with zero host bits, and not the whole internet",
  "203.0.113.0/24",
);
const path = {
  path: urlPath,
  /** prefix: whole path segments. Default "prefix". */
  match: z.enum(["prefix", "exact"]).exactOptional(),
  /** Who may come in: everybody, whoever is on keybuzz:operatorCidrs, or the networks named. Default "public". */
  audience: z.union([z.enum(["public", "operators"]), z.array(network).min(1)]).exactOptional(),
};
const bodyMb = {
  /** MB of the largest request body. Default 1. */
  maxBodyMb: megabytes.exactOptional(),
};
const answer = {
  /** Longest wait for the answer, and longest silence within it. Default 60. */
  responseTimeoutSeconds: seconds.exactOptional(),
};

/** What an application asks of every hop between the internet and its pods. */
export const route = z.discriminatedUnion("kind", [
  z.strictObject({
    /** Requests and answers of ordinary length. */
    kind: z.literal("http"),
    ...path,
    ...answer,
    ...bodyMb,
  }),
  z.strictObject({
    /** Connections that are upgraded. */
    kind: z.literal("websocket"),
    ...path,
    /** How often at least one side sends something. */
    heartbeatSeconds: seconds,
    /** Silence after which the connection is given up. Default: three heartbeats, at least 30. */
    idleTimeoutSeconds: seconds.meta({ examples: [90] }).exactOptional(),
  }),
  z.strictObject({
    /** Server-sent events, never buffered. */
    kind: z.literal("sse"),
    ...path,
    /** How often the application sends at least a comment; three of them must fit into web.idleTimeoutSeconds. */
    heartbeatSeconds: seconds,
    /** Until the first byte of the answer. */
    firstByteSeconds: seconds,
    ...bodyMb,
  }),
  z.strictObject({
    /** Large request bodies, passed on while they arrive. */
    kind: z.literal("upload"),
    ...path,
    /** MB of the largest request body. */
    maxBodyMb: megabytes,
    ...answer,
  }),
]);

/** A mail relay. Its password is the stack's secret `chatwootSmtpPassword`. */
export const smtp = z.strictObject({
  host: domain,
  /** 587 (STARTTLS) or 465. */
  port,
  /** HELO domain. */
  domain,
  username: z.string().min(1),
});

export const unseal = z.discriminatedUnion("kind", [
  z.strictObject({
    /** People enter their shares (docs/operate.md, Vault). */
    kind: z.literal("manual"),
  }),
  z.strictObject({
    /** Another Vault decrypts the key. Its token is the stack's secret `vaultTransitToken`. */
    kind: z.literal("transit"),
    /** Of the other Vault, reached over the internet. */
    address: text(/^https:\/\/[a-z0-9.-]+(:\d+)?$/, "an https address", "https://vault.example.org:8200"),
    /** Key in its secrets engine "transit". */
    keyName: text(/^[\w-]+$/, "letters, digits, underscores and hyphens", "keybuzz-unseal"),
  }),
]);

import { z } from "zod";
import { parseQuantity } from "../components/apps/quantity";
import { domain, port, text } from "./schemaParts";

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
  z.strictObject({
    /** On general workers, and on those kept for that as well. */
    also: duty,
  }),
]);

/** leader: reads and writes; pooled: the same through PgBouncer in transaction mode; replicas: reads that may be late. */
export const databaseVia = z.enum(["leader", "pooled", "replicas"]);

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

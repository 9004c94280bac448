import { z } from "zod";
import { MAIL_PORTS } from "../components/workloads/chatwoot";
import { app, registry } from "./appSchemas";
import { objects } from "./objectSchemas";
import { placement, smtp, unseal } from "./optionSchemas";
import { count, domain, hostname, image, text } from "./schemaParts";

// Every option of every workload: all that its component takes, but for what the estate itself gives (workloadSpecs.ts).

const workload = {
  /** With its tag or digest; "latest" is refused. */
  image,
  /** Pods of the process that answers requests. */
  replicas: count,
};
const email = z.email().meta({ description: "an address", examples: ["bi@keybuzz.io"] });
const reachable = {
  /** Public host name. Default: none, it is reached only from inside the cluster. */
  host: domain.exactOptional(),
};
const chatwoot = z.strictObject({
  ...workload,
  /** Public host name. */
  host: domain,
  workerReplicas: count,
  /** Login of its super admin, who is made before the first visitor comes. Default "admin@[domain of host]". */
  ownerEmail: email.exactOptional(),
  /** Seconds that the ingress waits for an ordinary answer. Default 60. rack-timeout ends a request after 15 s anyway. */
  requestTimeoutSeconds: z.int().min(1).max(300).exactOptional(),
  /** Default: none, Chatwoot sends no mail. */
  smtp: smtp.exactOptional(),
  /** Of its mail. Default "KeyBuzz Support <support@[domain of host]>". */
  sender: text(
    /^[^<>@]+ <[^<>@\s]+@[^<>@\s]+>$/,
    "a name and an address",
    "KeyBuzz Support <support@keybuzz.io>",
  ).exactOptional(),
  /** Ports of the mail servers that its email inboxes are at: 993 to fetch, 587 or 465 to send. Default: none. */
  mailboxPorts: z.array(z.literal(MAIL_PORTS)).min(1).exactOptional(),
  /** Who may make an account: nobody but administrators, everybody, or who has the platform's API key. Default "off". */
  signUp: z.enum(["off", "on", "apiOnly"]).exactOptional(),
  /**
   * Are attachments fetched at the host of workloads.files, by signed addresses? Default false: from the store's own
   * address, inside the private network alone.
   */
  publicAttachments: z.boolean().exactOptional(),
  /** The way to its database. Default "leader"; "pooled" needs PgBouncer 1.21 with max_prepared_statements. */
  databaseVia: z.enum(["leader", "pooled"]).exactOptional(),
});

const liteLlm = z.strictObject({
  ...workload,
  ...reachable,
  /** Default: away from the workers kept for a duty. */
  placement: placement.exactOptional(),
});

/** Its main process is one, ever; what scales are its workers and the receivers of webhooks. */
const n8n = z.strictObject({
  /** With its tag or digest; "latest" is refused. */
  image,
  /** Public host name of editor and webhooks. */
  host: domain,
  workerReplicas: count,
  webhookReplicas: count,
  /** Login of its owner, who is made before the first visitor comes. Default "admin@[domain of host]". */
  ownerEmail: email.exactOptional(),
  /** Executions that one worker runs at a time. Default 10. */
  concurrency: z.int().min(1).max(100).exactOptional(),
});

const superset = z.strictObject({
  ...workload,
  /** Public host name. */
  host: domain,
  workerReplicas: count,
  /** Address of the first administrator. */
  adminEmail: email,
});

/** Needs hosts of roles "mariadb" and "proxysql". */
const erpNext = z.strictObject({
  ...workload,
  /** Public host name. The site has the same, and keeps it for life. */
  host: domain,
  /** Of each of the two kinds of workers. */
  workerReplicas: count,
  /** GB for attached files. Without sharedClass it is what the first claim asks for, and says nothing to one that is there. */
  filesGb: z.int().min(1).max(2000),
  /** Storage class that several nodes can mount. Default: local, all of ERPNext on one node (docs/decisions/0007). */
  sharedClass: hostname.exactOptional(),
});

const vault = z.strictObject({
  /** With its tag or digest; "latest" is refused. */
  image,
  /** Of the agent injector. */
  injectorImage: image,
  /** Members of its raft: 1, 3 or 5, each on a worker of its own. */
  replicas: count,
  /** How it gets its key back after a start. */
  unseal,
  /** May a pod that asks for secrets start while the injector is away: "Ignore", or not: "Fail"? */
  failurePolicy: z.enum(["Fail", "Ignore"]),
});

/** Where browsers fetch objects of published buckets by signed addresses; needs hosts of role "minio". */
const files = z.strictObject({
  ...workload,
  /** Public host name, for files alone: they are other people's. */
  host: domain,
});

export const workloads = z.strictObject({
  /** Default: off. */
  chatwoot: chatwoot.exactOptional(),
  /** Default: off. */
  liteLlm: liteLlm.exactOptional(),
  /** Default: off. */
  n8n: n8n.exactOptional(),
  /** Default: off. */
  superset: superset.exactOptional(),
  /** Default: off. */
  erpNext: erpNext.exactOptional(),
  /** Default: off, no bucket is reached from outside. */
  files: files.exactOptional(),
  /** Any others: KeyBuzz' own, connectors, AI services (docs/applications.md). Default: none. */
  apps: z.array(app).exactOptional(),
  /** Kubernetes objects as somebody else wrote them. Default: none. */
  objects: z.array(objects).exactOptional(),
  /** Credentials of private registries, beside ghcr.io/keybuzzio's. Default: none, images are public. */
  registries: z.array(registry).exactOptional(),
  /** Default: off. */
  vault: vault.exactOptional(),
});

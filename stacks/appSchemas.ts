import { z } from "zod";
import type { ObjectPatch } from "../components/apps/objectPatch";
import { isSchedule } from "../components/apps/crons";
import { filePath, placement, resources, runtime } from "./optionSchemas";
import { route } from "./routeSchemas";
import { count, domain, image, port, seconds, text, urlPath, variable } from "./schemaParts";
import { needs } from "./appNeedSchemas";

// Any application. Its options are what components/workloads/apps takes (workloadSpecs.ts).

export const label = (longest: number, example: string) =>
  text(
    new RegExp(`^[a-z][a-z0-9-]{0,${longest - 2}}[a-z0-9]$`),
    `2-${longest} lower-case letters, digits and hyphens, beginning with a letter`,
    example,
  );
const env = z.record(variable, z.string());
const percent = z.int().min(10).max(100);
const configKey = text(/^[a-z][A-Za-z0-9]*$/, "letters and digits", "shopToken");
const command = z.array(z.string()).min(1);
const args = z.array(z.string());
const sizeGb = z.int().min(1).max(2000);

const anyProcess = {
  /** After the application's: "report" of "shop" is "shop-report". Default: its kind; "web" has the application's own name. */
  name: label(20, "report").exactOptional(),
  /** Default: the image's. */
  command: command.exactOptional(),
  /** Default: the image's. */
  args: args.exactOptional(),
  /** Plain variables for this process alone. Default: none. */
  env: env.exactOptional(),
  /** Default: 100m-1 core, 256-512 MiB. */
  resources: resources.exactOptional(),
};

const beside = z.strictObject({
  /** Unique in the pod. */
  name: label(40, "proxy"),
  /** Default: the application's. */
  image: image.exactOptional(),
  /** Default: the image's. */
  command: command.exactOptional(),
  /** Default: the image's. */
  args: args.exactOptional(),
  /** Plain variables for this container alone. Default: none. */
  env: env.exactOptional(),
  /** Default: 50m-500m cores, 64-256 MiB. */
  resources: resources.exactOptional(),
});

const lasting = {
  ...anyProcess,
  /** Seconds that a start may take. Default 60. */
  startupSeconds: seconds.exactOptional(),
  /** Containers that run one after the other, each to its end, before the process starts. Default: none. */
  init: z.array(beside).exactOptional(),
  /** Containers beside it in the same pod: the same user, configuration, files and network. Default: none. */
  sidecars: z.array(beside).exactOptional(),
};

const ownPort = {
  /** Needed but for a web process. Default: the web process' port. */
  port: port.exactOptional(),
};
const health = z.discriminatedUnion("kind", [
  z.strictObject({
    /** A path answers 200-399. */
    kind: z.literal("http"),
    /** When requests can be taken. */
    path: urlPath,
    /** As long as the process is sound, whatever happens to what it depends on. Default: path. */
    livenessPath: urlPath.exactOptional(),
    ...ownPort,
  }),
  z.strictObject({
    /** A port accepts connections. */
    kind: z.literal("tcp"),
    ...ownPort,
  }),
  z.strictObject({
    /** A command ends with 0; without a shell. */
    kind: z.literal("exec"),
    command,
  }),
  z.strictObject({
    /** Nothing can be asked of it: it ends when it is unwell, and is started again. */
    kind: z.literal("exit"),
  }),
]);

const scale = z.union([
  count,
  z.strictObject({
    min: count,
    /** From min. */
    max: count.meta({ examples: [10] }),
    /** Mean CPU use to keep to, in per cent of the request. Default: 70 where there is no memoryPercent. */
    cpuPercent: percent.exactOptional(),
    /** The same of memory. Default: no measure. */
    memoryPercent: percent.exactOptional(),
  }),
]);

const scheduled = {
  /** How Kubernetes learns how it is. */
  health,
  /** Pods, or what an autoscaler keeps to. */
  scale,
  /** recreate: never two at a time (schedulers). Default "rolling". */
  rollout: z.enum(["rolling", "recreate"]).exactOptional(),
  /** Default: away from AI and monitoring workers where possible. */
  placement: placement.exactOptional(),
};

const process = z.discriminatedUnion("kind", [
  z.strictObject({
    /** Answers requests: of other applications and, where it is exposed, from outside. */
    kind: z.literal("web"),
    ...lasting,
    /** Of the container and of the Service. */
    port,
    /** Further ports of both by name, such as { metrics: 9090 }. Default: none. */
    ports: z.record(label(15, "metrics"), port).exactOptional(),
    ...scheduled,
    /** Seconds of the longest request. Default 60. */
    longestRequestSeconds: seconds.exactOptional(),
    /** A volume for each pod, on its node's disk; kept when the pod goes. Default: none. */
    ownVolume: z
      .strictObject({
        /** Absolute. */
        path: filePath,
        sizeGb,
      })
      .exactOptional(),
    /** Another version that gets a part of what is asked from outside. Default: none. */
    canary: z
      .strictObject({
        /** Of that version, with its tag or digest. */
        image,
        /** Of all requests from outside, by chance. */
        percent: z.int().min(1).max(99),
        /** Pods. Default 2. */
        scale: count.exactOptional(),
        /** Plain variables beside the process' own. Default: none. */
        env: env.exactOptional(),
      })
      .exactOptional(),
    /** What may be asked of it from outside. Default: nothing, it is reached from inside the cluster only. */
    expose: z
      .array(
        z.strictObject({
          /** Public host name. Several applications may have parts of one. */
          host: domain,
          /** Default: ordinary requests below "/". */
          routes: z.array(route).min(1).exactOptional(),
        }),
      )
      .exactOptional(),
  }),
  z.strictObject({
    /** Works without being asked. */
    kind: z.literal("worker"),
    ...lasting,
    ...scheduled,
    /** Seconds that the longest job may still take once a pod is told to stop. Default 60. */
    longestJobSeconds: seconds.exactOptional(),
  }),
  z.strictObject({
    /** Runs at its times, never twice at once. */
    kind: z.literal("cron"),
    ...anyProcess,
    /** When. */
    schedule: text(isSchedule, "minute, hour, day of the month, month, day of the week", "0 3 * * *"),
    /** Of the schedule. Default "Etc/UTC". */
    timeZone: text(
      /^[A-Z][A-Za-z]+(\/[A-Z][A-Za-z_]+)+$/,
      "a name of the IANA database",
      "Europe/Berlin",
    ).exactOptional(),
    /** Seconds for all attempts of one run together. Default 3600. */
    timeoutSeconds: z.int().min(1).max(86_400).exactOptional(),
    /** Further attempts after a failed one. Default 0, the next time comes by itself. */
    retries: z.int().min(0).max(10).exactOptional(),
    /** Default: away from AI and monitoring workers where possible. */
    placement: placement.exactOptional(),
  }),
  z.strictObject({
    /** One pod on every node. */
    kind: z.literal("daemon"),
    ...lasting,
    /** How Kubernetes learns how it is. */
    health,
  }),
]);

/** Any application: what it runs, and what it needs. */
export const app = z.strictObject({
  /** Unique in the estate. Names its database, vhost, bucket and objects, and is its identity. */
  name: text(
    /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/,
    "3-40 lower-case letters, digits and hyphens, beginning with a letter",
    "shop",
  ),
  /** Default: its name. */
  namespace: label(63, "connectors").exactOptional(),
  /** With its tag or digest; "latest" is refused. */
  image,
  /** What the image needs. Default: user 1000, read-only but for /tmp. */
  runtime: runtime.exactOptional(),
  /** What it runs. */
  processes: z.array(process).min(1),
  /** Runs to its end before any process of a new version starts; if it fails, the old version stays. Default: none. */
  migration: z
    .strictObject({
      command,
      /** Plain values in the place of the application's. Default: none. */
      env: env.exactOptional(),
      /** Seconds for all attempts together. Default 600. */
      timeoutSeconds: z.int().min(1).max(86_400).exactOptional(),
      /** Further attempts after a failed one. Default 2. */
      retries: z.int().min(0).max(10).exactOptional(),
      /** Default: 100m-1 core, 256-512 MiB. */
      resources: resources.exactOptional(),
    })
    .exactOptional(),
  /** What it uses of the estate and of the world; nothing else is open to it. Default: nothing. */
  needs: needs.exactOptional(),
  /** Plain variables; "{{NAME}}" stands for one that a need or a secret gives. Default: none. */
  env: env.exactOptional(),
  /** Content by absolute path; "{{NAME}}" stands for a variable's value. Default: none. */
  files: z.record(filePath, z.string()).exactOptional(),
  /** Variables by key of the stack's secret configuration: { SHOP_TOKEN: "shopToken" }. Default: none. */
  configuredSecrets: z.record(variable, configKey).exactOptional(),
  /** Variables whose secret value is made once and kept: ["SESSION_SECRET"]. Default: none. */
  generatedSecrets: z.array(variable).exactOptional(),
  /** A function of each of its objects but Secrets and Jobs, where no option does it. Default: none. */
  patch: z
    .custom<ObjectPatch>((value) => typeof value === "function")
    .meta({ description: "a function that returns the object, changed" })
    .exactOptional(),
  /** Files that all its pods share. Default: none. */
  sharedFiles: z
    .strictObject({
      /** Where they are in every container; absolute. */
      path: filePath,
      sizeGb,
      /** Storage class that several nodes can mount. Default: local, all pods of the application on one node. */
      sharedClass: label(63, "nfs").exactOptional(),
    })
    .exactOptional(),
});

/** Credentials of one registry: every application whose image is there has them. */
export const registry = z.strictObject({
  registry: text(/^[a-z0-9.-]+\.[a-z0-9.-]+(:\d+)?$/, "the name of a registry", "registry.example.org"),
  username: z.string().min(1),
  /** Key of the stack's secret configuration. */
  passwordKey: configKey,
});

import type { Route } from "../cluster/ingress/routes";
import type { Endpoint } from "../topology/topology";
import type { ImageRuntime, PullSecret } from "../apps/appArgs";
import type { Placement } from "../apps/processArgs";
import { planDataNeeds, type DataNeed } from "./dataNeeds";
import { planHttpService, type HttpServiceArgs, type PlannedHttpService } from "./httpService";
import type { DatabaseRoute } from "./services";
import { processPods } from "../apps/labels";
import { allowOutbound } from "../topology/outbound";
import type { Resources } from "../apps/quantity";
import type { WorkloadContext } from "./workloadContext";

/** A marketplace connector or an AI service: an HTTP application of KeyBuzz' own, described and nothing more. */
export interface ConnectorArgs {
  readonly name: string;
  /** "connectors", "ai". */
  readonly namespace: string;
  readonly image: string;
  readonly port: number;
  readonly replicas: number;
  /** Upper bound of an autoscaler; `replicas` is the lower one. Default: no autoscaler. */
  readonly maxReplicas?: number;
  /** CPU use that the autoscaler keeps, in per cent of the request. Default 70; only with maxReplicas. */
  readonly cpuPercent?: number;
  /** Answers 200-399 when it can take requests. */
  readonly readinessPath: string;
  /** Default: readinessPath. */
  readonly livenessPath?: string;
  /** Seconds that a start may take. Default 60. */
  readonly startupSeconds?: number;
  /** Seconds of the longest request. Default 60. */
  readonly longestRequestSeconds?: number;
  /** Default: the image's. */
  readonly command?: readonly string[];
  /** Default: the image's. */
  readonly args?: readonly string[];
  /** Its database, vhost and bucket are named after it. Default: none. */
  readonly needs?: readonly DataNeed[];
  /** The way to its database. Default "leader". */
  readonly databaseVia?: DatabaseRoute;
  /** Number of its Redis database, for "redis". Default: the first that no application here owns. */
  readonly redisIndex?: number;
  /** LiteLLM's endpoint; needed for "llm". */
  readonly llm?: Endpoint;
  /** true: it calls HTTPS services on the internet. Default false. */
  readonly outbound?: boolean;
  /** Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Variables by key of the stack's secret configuration: { SHOP_TOKEN: "shopToken" }. Default: none. */
  readonly configuredSecrets?: Readonly<Record<string, string>>;
  /** Public host name. Default: reached from inside the cluster only. */
  readonly host?: string;
  /** What the internet may ask of it at `host`. Default, with a host: ordinary requests below "/". */
  readonly routes?: readonly Route[];
  /** Default: user 1000, read-only but for /tmp. */
  readonly runtime?: ImageRuntime;
  /** Default: 100m-1 core, 256-512 MiB. */
  readonly resources?: Resources;
  /** Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
  /** AI services may prefer { avoid: ["monitoring"], strict: false }. Default: away from AI and monitoring workers where possible. */
  readonly placement?: Placement;
}

/** Of the CPU request; an autoscaler adds pods above it. */
const CPU_PERCENT = 70;
const ROUTES: readonly Route[] = [{ kind: "http", path: "/" }];
const RUNTIME: ImageRuntime = { uid: 1000, rootFilesystem: "readOnly" };
const RESOURCES: Resources = { cpu: { request: "100m", limit: "1" }, memory: { request: "256Mi", limit: "512Mi" } };

/** @throws MistakesError with every mistake */
export function planConnector(args: ConnectorArgs, context: WorkloadContext): PlannedHttpService {
  const { name, namespace, image, port, replicas, maxReplicas, cpuPercent = CPU_PERCENT, readinessPath } = args;
  const { llm, redisIndex, databaseVia, needs = [], host } = args;
  const pods = processPods(namespace, name);
  const data = planDataNeeds(
    {
      pods,
      name,
      needs,
      ...(llm === undefined ? {} : { llm }),
      ...(redisIndex === undefined ? {} : { redisIndex }),
      ...(databaseVia === undefined ? {} : { databaseVia }),
    },
    context,
  );
  if (args.outbound ?? false) allowOutbound(context.topology, pods, 443, `${name} calls services on the internet`);
  const configured = Object.entries(args.configuredSecrets ?? {}).map(([variable, key]) => [
    variable,
    context.secrets.configured(key),
  ]);
  return planHttpService(
    {
      name,
      namespace,
      image,
      port,
      scale: maxReplicas === undefined ? replicas : { min: replicas, max: maxReplicas, cpuPercent },
      readinessPath,
      runtime: args.runtime ?? RUNTIME,
      resources: args.resources ?? RESOURCES,
      env: { ...args.env, ...(Object.fromEntries(configured) as Record<string, string>), ...data.env },
      uses: data.uses,
      ...(host === undefined ? {} : { expose: { host, routes: args.routes ?? ROUTES } }),
      ...passedOn(args),
    },
    context,
  );
}

/** Options that are the HTTP service's own. */
const PASSED_ON = [
  "livenessPath",
  "startupSeconds",
  "longestRequestSeconds",
  "command",
  "args",
  "pullSecret",
  "placement",
] as const satisfies readonly (keyof ConnectorArgs & keyof HttpServiceArgs)[];

function passedOn(args: ConnectorArgs): Pick<HttpServiceArgs, (typeof PASSED_ON)[number]> {
  return Object.fromEntries(PASSED_ON.flatMap((key) => (args[key] === undefined ? [] : [[key, args[key]]])));
}

import type { Route } from "../cluster/ingress/routes";
import type { Endpoint } from "../topology/topology";
import type { ImageRuntime, PullSecret } from "../apps/appArgs";
import type { Autoscale, Placement } from "../apps/processArgs";
import { planDataNeeds, type DataNeed } from "./dataNeeds";
import { planHttpService, type PlannedHttpService } from "./httpService";
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
  readonly scale: number | Autoscale;
  /** Answers 200-399 when it can take requests. */
  readonly readinessPath: string;
  /** Default: readinessPath. */
  readonly livenessPath?: string;
  /** Its database, vhost and bucket are named after it. Default: none. */
  readonly needs?: readonly DataNeed[];
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
  /** Default: reached from inside the cluster only. */
  readonly expose?: { readonly host: string; readonly routes: readonly Route[] };
  /** Default: user 1000, read-only but for /tmp. */
  readonly runtime?: ImageRuntime;
  /** Default: 100m-1 core, 256-512 MiB. */
  readonly resources?: Resources;
  /** Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
  /** AI services may prefer { avoid: ["monitoring"], strict: false }. Default: away from AI and monitoring workers where possible. */
  readonly placement?: Placement;
}

const RUNTIME: ImageRuntime = { uid: 1000, rootFilesystem: "readOnly" };
const RESOURCES: Resources = { cpu: { request: "100m", limit: "1" }, memory: { request: "256Mi", limit: "512Mi" } };

/** @throws InvalidPlanError with every mistake */
export function planConnector(args: ConnectorArgs, context: WorkloadContext): PlannedHttpService {
  const { name, namespace, image, port, scale, readinessPath, livenessPath, expose, pullSecret, placement } = args;
  const pods = processPods(namespace, name);
  const { llm, redisIndex, needs = [] } = args;
  const data = planDataNeeds(
    {
      pods,
      name,
      needs,
      ...(llm === undefined ? {} : { llm }),
      ...(redisIndex === undefined ? {} : { redisIndex }),
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
      scale,
      readinessPath,
      runtime: args.runtime ?? RUNTIME,
      resources: args.resources ?? RESOURCES,
      env: { ...args.env, ...(Object.fromEntries(configured) as Record<string, string>), ...data.env },
      uses: data.uses,
      ...(livenessPath === undefined ? {} : { livenessPath }),
      ...(expose === undefined ? {} : { expose }),
      ...(pullSecret === undefined ? {} : { pullSecret }),
      ...(placement === undefined ? {} : { placement }),
    },
    context,
  );
}

import type { Endpoint } from "../topology/topology";
import type { ImageRuntime, PullSecret } from "../apps/appArgs";
import { planDataNeeds } from "./dataNeeds";
import { planHttpService, type PlannedHttpService } from "./httpService";
import { NGINX_RUNTIME } from "../apps/images";
import { processPods } from "../apps/labels";
import type { DatabaseRoute } from "./services";
import { REDIS_INDEX } from "./redisIndexes";
import type { WorkloadContext } from "./workloadContext";

export interface KeybuzzApiArgs {
  /** Until the API has an image of its own, a pinned nginx stands in its place. */
  readonly image: string;
  /** Public host name; undefined: reached only from inside the cluster. */
  readonly host?: string;
  readonly replicas: number;
  readonly maxReplicas: number;
  /** LiteLLM's endpoint. Undefined: no LLM_URL. */
  readonly llm?: Endpoint;
  /** Of the container and of the Service. Default 80, nginx's. */
  readonly port?: number;
  /** Answers 200-399 when the API can take requests. Default "/", which nginx answers. */
  readonly probePath?: string;
  /** What the image needs. Default: nginx's. */
  readonly runtime?: ImageRuntime;
  /** Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
  /** Default "leader". With "pooled", the API's driver must not rely on session state. */
  readonly databaseVia?: DatabaseRoute;
  /** Further variables, e.g. a virtual key of LiteLLM. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
}

export const KEYBUZZ_NAMESPACE = "keybuzz";
const NAME = "keybuzz-api";
const MAX_BODY_MB = 50;

/** The KeyBuzz backend: platform-api.keybuzz.io, scaled by CPU use, away from the AI and monitoring workers. */
export function planKeybuzzApi(args: KeybuzzApiArgs, context: WorkloadContext): PlannedHttpService {
  const data = planDataNeeds(
    {
      pods: processPods(KEYBUZZ_NAMESPACE, NAME),
      name: "keybuzz",
      // Given: the running estate's role.
      databaseOwner: "kb_app",
      redisIndex: REDIS_INDEX.keybuzzApi,
      // The store itself puts "keybuzz-" in front.
      bucketName: "platform",
      needs: [
        "database",
        "redis",
        "rabbit",
        "bucket",
        "vectors",
        ...(args.llm === undefined ? [] : (["llm"] as const)),
      ],
      ...(args.llm === undefined ? {} : { llm: args.llm }),
      ...(args.databaseVia === undefined ? {} : { databaseVia: args.databaseVia }),
    },
    context,
  );
  return planHttpService(
    {
      name: NAME,
      namespace: KEYBUZZ_NAMESPACE,
      image: args.image,
      runtime: args.runtime ?? NGINX_RUNTIME,
      port: args.port ?? 80,
      scale: { min: args.replicas, max: args.maxReplicas, cpuPercent: 70 },
      readinessPath: args.probePath ?? "/",
      resources: { cpu: { request: "250m", limit: "1" }, memory: { request: "256Mi", limit: "1Gi" } },
      placement: { avoid: ["ai", "monitoring"], strict: true },
      env: { ...args.env, ...data.env },
      uses: data.uses,
      ...(args.pullSecret === undefined ? {} : { pullSecret: args.pullSecret }),
      ...(args.host === undefined
        ? {}
        : {
            expose: { host: args.host, routes: [{ kind: "upload", path: "/", maxBodyMb: MAX_BODY_MB }] },
          }),
    },
    context,
  );
}

import type { ImageRuntime, PullSecret } from "../apps/appArgs";
import { planHttpService, type PlannedHttpService } from "./httpService";
import { NGINX_RUNTIME } from "../apps/images";
import { KEYBUZZ_NAMESPACE } from "./keybuzzApi";
import type { WorkloadContext } from "./workloadContext";

export interface KeybuzzFrontArgs {
  /** Until the front end has an image of its own, a pinned nginx stands in its place. */
  readonly image: string;
  /** Public host name; undefined: reached only from inside the cluster. */
  readonly host?: string;
  readonly replicas: number;
  /** Of the container and of the Service. Default 80, nginx's. */
  readonly port?: number;
  /** Answers 200-399 when the site is served. Default "/". */
  readonly probePath?: string;
  /** What the image needs. Default: nginx's, which the built site is served by. */
  readonly runtime?: ImageRuntime;
  /** Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
}

const MAX_BODY_MB = 50;

/** The KeyBuzz user interface: a static site, platform.keybuzz.io. It talks to the API from the browser only. */
export function planKeybuzzFront(args: KeybuzzFrontArgs, context: WorkloadContext): PlannedHttpService {
  return planHttpService(
    {
      name: "keybuzz-front",
      namespace: KEYBUZZ_NAMESPACE,
      image: args.image,
      runtime: args.runtime ?? NGINX_RUNTIME,
      port: args.port ?? 80,
      scale: args.replicas,
      readinessPath: args.probePath ?? "/",
      longestRequestSeconds: 30,
      resources: { cpu: { request: "50m", limit: "500m" }, memory: { request: "64Mi", limit: "256Mi" } },
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

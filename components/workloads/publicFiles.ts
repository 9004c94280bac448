import type { PullSecret } from "../apps/appArgs";
import type { AppPlan } from "../apps/appPlan";
import { NGINX_RUNTIME } from "../apps/images";
import { processPods } from "../apps/labels";
import { planApp } from "../apps/planApp";
import { httpProbes } from "../apps/probe";
import { serviceEndpoint } from "../apps/serviceEndpoint";
import type { Endpoint } from "../topology/topology";
import { PUBLIC_FILES_PORT, publicFilesConfig } from "./publicFilesConfig";
import type { PublicFiles } from "./services";
import { requireServices, type WorkloadContext } from "./workloadContext";

export interface PublicFilesArgs {
  /** nginx. */
  readonly image: string;
  /** Public host name: "files.keybuzz.io". People's files have it for themselves. */
  readonly host: string;
  readonly replicas: number;
  /** Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
}

export const FILES_NAMESPACE = "files";
export const PUBLIC_FILES = "public-files";
const CONFIG_FILE = "/etc/public-files/nginx.conf";

/** Which buckets are to be read from outside. Whoever asks is told the address to sign for. */
export class PublishedBuckets implements PublicFiles {
  readonly #buckets = new Set<string>();

  constructor(readonly host: string) {}

  publish(bucket: string): string {
    this.#buckets.add(bucket);
    return `https://${this.host}`;
  }

  get buckets(): readonly string[] {
    return [...this.#buckets].sort();
  }
}

/**
 * The way of browsers to objects: the host's routes lead to nginx, which passes reading of the published buckets'
 * objects on to the store, with host and path as they were signed, and nothing else. The store judges each signature.
 */
export function planPublicFiles(
  args: PublicFilesArgs,
  buckets: readonly string[],
  context: WorkloadContext,
): { readonly app: AppPlan; readonly endpoint: Endpoint } {
  const services = requireServices(context, "files", ["buckets", "ingress"]);
  const pods = processPods(FILES_NAMESPACE, PUBLIC_FILES);
  const store = services.buckets.reach(pods, "browsers read published objects");
  const app = planApp(
    {
      name: PUBLIC_FILES,
      namespace: FILES_NAMESPACE,
      image: args.image,
      runtime: NGINX_RUNTIME,
      config: { env: {}, files: { [CONFIG_FILE]: publicFilesConfig(`${store.host}:${store.port}`, buckets) } },
      processes: [
        {
          name: PUBLIC_FILES,
          command: ["nginx", "-e", "/dev/stderr", "-c", CONFIG_FILE, "-g", "daemon off;"],
          ports: { http: PUBLIC_FILES_PORT },
          scale: args.replicas,
          probes: httpProbes({ port: "http", readinessPath: "/healthz" }),
          resources: { cpu: { request: "50m", limit: "500m" }, memory: { request: "64Mi", limit: "128Mi" } },
          longestRequestSeconds: 60,
        },
      ],
      uses: [store.endpoint],
      ...(args.pullSecret === undefined ? {} : { pullSecret: args.pullSecret }),
    },
    context.secrets,
    context.mistakes,
  );
  const endpoint = serviceEndpoint(context.topology, "files/public", pods, PUBLIC_FILES_PORT);
  const routes = buckets.map((bucket) => ({ kind: "http", path: `/${bucket}` }) as const);
  services.ingress.expose(endpoint, { host: args.host, routes });
  return { app, endpoint };
}

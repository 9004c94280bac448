import type { Route } from "../cluster/ingress/routes";
import type { Endpoint } from "../topology/topology";
import type { AppArgs, ImageRuntime, PullSecret } from "../apps/appArgs";
import type { Autoscale, Placement, ProcessArgs } from "../apps/processArgs";
import type { AppPlan } from "../apps/appPlan";
import { planApp } from "../apps/planApp";
import { processPods } from "../apps/labels";
import { httpProbes } from "../apps/probe";
import type { Resources } from "../apps/quantity";
import { serviceEndpoint } from "../apps/serviceEndpoint";
import { requireServices, type WorkloadContext } from "./workloadContext";

/** An application that answers HTTP on one port: connectors, AI services, backends of one process. */
export interface HttpServiceArgs {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly runtime: ImageRuntime;
  /** Of the container and of the Service. */
  readonly port: number;
  readonly scale: number | Autoscale;
  /** Must answer 200-399 when the service can take requests. */
  readonly readinessPath: string;
  /** Must answer as long as the process is sound, whatever happens to what it depends on. Default: readinessPath. */
  readonly livenessPath?: string;
  /** Seconds that a start may take. Default 60. */
  readonly startupSeconds?: number;
  readonly resources: Resources;
  /** Public host and its routes. Default: reached from inside the cluster only. */
  readonly expose?: { readonly host: string; readonly routes: readonly Route[] };
  /** Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Endpoints whose addresses are in `env`. Default: none. */
  readonly uses?: readonly Endpoint[];
  /** Default: the image is public. */
  readonly pullSecret?: PullSecret;
  /** Default: the image's. */
  readonly command?: readonly string[];
  /** Default: the image's. */
  readonly args?: readonly string[];
  /** Seconds of the longest request; streams end when the pod does, their clients reconnect. Default 60. */
  readonly longestRequestSeconds?: number;
  /** Default: away from AI and monitoring workers where possible. */
  readonly placement?: Placement;
  /** Default: none. */
  readonly migration?: AppArgs["migration"];
  /** Default: none. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface PlannedHttpService {
  readonly app: AppPlan;
  /** Other workloads connect to it through `topology.connect`. */
  readonly endpoint: Endpoint;
}

/**
 * @example
 * // Answers token by token, and keeps a socket open per user.
 * planHttpService({ name: "chat-backend", namespace: "ai", port: 8001, ..., expose: { host: "chat.keybuzz.io", routes: [
 *   { kind: "sse", path: "/api/chat/stream", heartbeatSeconds: 15, firstByteSeconds: 2 },
 *   { kind: "websocket", path: "/api/ws/", heartbeatSeconds: 30 },
 *   { kind: "http", path: "/" },
 * ] } }, context);
 *
 * @throws MistakesError with every mistake, where the context collects none
 */
export function planHttpService(args: HttpServiceArgs, context: WorkloadContext): PlannedHttpService {
  const { name, namespace, image, runtime, uses, pullSecret, migration } = args;
  const app = planApp(
    {
      name,
      namespace,
      image,
      runtime,
      config: { env: args.env ?? {}, ...(args.files === undefined ? {} : { files: args.files }) },
      processes: [httpProcess(args)],
      ...(uses === undefined ? {} : { uses }),
      ...(pullSecret === undefined ? {} : { pullSecret }),
      ...(migration === undefined ? {} : { migration }),
    },
    context.secrets,
    context.mistakes,
  );
  const endpoint = serviceEndpoint(context.topology, `${namespace}/${name}`, processPods(namespace, name), args.port);
  if (args.expose !== undefined) requireServices(context, name, ["ingress"]).ingress.expose(endpoint, args.expose);
  return { app, endpoint };
}

function httpProcess(args: HttpServiceArgs): ProcessArgs {
  const { name, port, scale, resources, command, placement, readinessPath, livenessPath, startupSeconds } = args;
  return {
    name,
    ports: { http: port },
    scale,
    resources,
    probes: httpProbes({
      port: "http",
      readinessPath,
      ...(livenessPath === undefined ? {} : { livenessPath }),
      ...(startupSeconds === undefined ? {} : { startupSeconds }),
    }),
    longestRequestSeconds: args.longestRequestSeconds ?? 60,
    ...(command === undefined ? {} : { command }),
    ...(args.args === undefined ? {} : { args: args.args }),
    ...(placement === undefined ? {} : { placement }),
  };
}

import type { RouteOptions } from "./routeOptions";

/**
 * What an application asks of every hop between the internet and its pods, in the application's own terms. Closed:
 * a new kind does not compile until every controller's rendering handles it. Nothing here names a controller.
 */
export type Route = PassedRoute | AnsweredRoute;

/** Those whose requests come to pods. */
export type PassedRoute = HttpRoute | WebSocketRoute | SseRoute | UploadRoute;

interface RoutePath {
  /** Matches `^/[A-Za-z0-9._\-/]*$`, as ingress-nginx demands of Prefix and Exact paths. */
  readonly path: string;
  /** prefix: whole path segments. Default "prefix". */
  readonly match?: "prefix" | "exact";
}

/**
 * Requests are answered with another address, and come to no pod: so there is no audience, no limit and no
 * authentication to ask for.
 */
export type AnsweredRoute = RedirectRoute | MovedRoute;

/** All clients are sent to one address. */
export interface RedirectRoute extends RoutePath {
  readonly kind: "redirect";
  /** "https://keybuzz.io/start" */
  readonly to: string;
  /** Clients may remember it for ever. Default false. */
  readonly permanent?: boolean;
}

/** Clients are sent to the same path elsewhere: what is below `path` is added to `to`. Always temporary: ingress-nginx has no other. */
export interface MovedRoute {
  readonly kind: "moved";
  /** A prefix. */
  readonly path: string;
  /** "https://keybuzz.io" */
  readonly to: string;
  readonly match?: "prefix";
}

/** Requests and answers of ordinary length. */
export interface HttpRoute extends RoutePath, RouteOptions {
  readonly kind: "http";
  /** Longest wait for the answer, and longest silence within it. Default 60. */
  readonly responseTimeoutSeconds?: number;
  /** Largest request body. Default 1. */
  readonly maxBodyMb?: number;
}

/** Connections that are upgraded (RFC 6455). They need no annotation of their own, only patience. */
export interface WebSocketRoute extends RoutePath, RouteOptions {
  readonly kind: "websocket";
  /** How often at least one side sends something. */
  readonly heartbeatSeconds: number;
  /** Silence after which the connection is given up. Default: three heartbeats, at least 30. */
  readonly idleTimeoutSeconds?: number;
}

/** Server-sent events. Buffering is off; there is no option to turn it on. */
export interface SseRoute extends RoutePath, RouteOptions {
  readonly kind: "sse";
  /** How often the application sends at least a comment: three of them must fit into every hop's patience. */
  readonly heartbeatSeconds: number;
  /** Until the first byte of the answer. */
  readonly firstByteSeconds: number;
  /** Largest request body. Default 1. */
  readonly maxBodyMb?: number;
}

/** Large request bodies, passed on while they arrive instead of being collected first. */
export interface UploadRoute extends RoutePath, RouteOptions {
  readonly kind: "upload";
  readonly maxBodyMb: number;
  /** Longest wait for the answer once the body is through. Default 60. */
  readonly responseTimeoutSeconds?: number;
}

/** What any controller has to set for a route. */
export interface RouteLimits {
  /** Until the connection to a pod stands. */
  readonly connectSeconds: number;
  /** Longest silence of the pod, the wait for its first byte included. */
  readonly readSeconds: number;
  /** Longest wait between two writes to the pod. */
  readonly sendSeconds: number;
  readonly maxBodyMb: number;
  /** The answer is passed on byte by byte. */
  readonly streamsAnswer: boolean;
  /** The request is passed on while it arrives. */
  readonly streamsRequest: boolean;
  /** Pods that are tried one after the other. Undefined: the controller's own number. */
  readonly tries?: number;
}

const DEFAULT_RESPONSE_SECONDS = 60;
const DEFAULT_BODY_MB = 1;
/** Within one cluster a connection stands in milliseconds or never: waiting longer cured no incident. */
const CONNECT_SECONDS = 5;
const SEND_SECONDS = 60;
const MIN_STREAM_IDLE_SECONDS = 30;
const HEARTBEATS_MISSED = 3;
/**
 * A stream that may be silent for longer is tried at one pod only: three silences in a row would outlast the load
 * balancers, and its client begins anew anyway.
 */
const RETRIED_SECONDS = 90;

export function routeLimits(route: PassedRoute): RouteLimits {
  const common = {
    connectSeconds: CONNECT_SECONDS,
    sendSeconds: SEND_SECONDS,
    maxBodyMb: DEFAULT_BODY_MB,
    streamsAnswer: false,
    streamsRequest: false,
  };
  switch (route.kind) {
    case "http":
      return {
        ...common,
        readSeconds: route.responseTimeoutSeconds ?? DEFAULT_RESPONSE_SECONDS,
        maxBodyMb: route.maxBodyMb ?? DEFAULT_BODY_MB,
      };
    case "websocket": {
      const idle = route.idleTimeoutSeconds ?? streamIdleSeconds(route.heartbeatSeconds);
      return { ...common, readSeconds: idle, sendSeconds: idle, ...streamTries(idle) };
    }
    case "sse": {
      const readSeconds = Math.max(streamIdleSeconds(route.heartbeatSeconds), 2 * route.firstByteSeconds);
      const maxBodyMb = route.maxBodyMb ?? DEFAULT_BODY_MB;
      return { ...common, readSeconds, maxBodyMb, streamsAnswer: true, ...streamTries(readSeconds) };
    }
    case "upload":
      return {
        ...common,
        readSeconds: route.responseTimeoutSeconds ?? DEFAULT_RESPONSE_SECONDS,
        maxBodyMb: route.maxBodyMb,
        streamsRequest: true,
      };
  }
}

function streamTries(silenceSeconds: number): Pick<RouteLimits, "tries"> {
  return silenceSeconds > RETRIED_SECONDS ? { tries: 1 } : {};
}

function streamIdleSeconds(heartbeatSeconds: number): number {
  return Math.max(MIN_STREAM_IDLE_SECONDS, HEARTBEATS_MISSED * heartbeatSeconds);
}

export function isAnswered(route: Route): route is AnsweredRoute {
  return route.kind === "redirect" || route.kind === "moved";
}

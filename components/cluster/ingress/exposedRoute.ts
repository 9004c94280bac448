import type { Pods } from "../../topology/party";
import type { Authentication, Canary, Guard } from "./routeOptions";
import type { Route } from "./routes";

export interface ExposeArgs {
  /** Public host name. */
  readonly host: string;
  readonly routes: readonly Route[];
  /** Another version that gets a part of all requests. Default: none. */
  readonly canary?: Canary;
  /** What a route's authentication needs; undefined: its mistakes are told. Default: none may have one. */
  readonly guard?: (authentication: Authentication) => Guard | undefined;
}

/** One route of one application, accepted. The renderings (Ingress, later HTTPRoute) start from these. */
export interface ExposedRoute {
  readonly pods: Pods;
  /** Of the application's Service, which is named like its pods' app and listens on the endpoint's port. */
  readonly servicePort: number;
  readonly host: string;
  readonly route: Route;
  /** Networks that may come in, sorted. Undefined: everybody. */
  readonly audience?: readonly string[];
  /** What must be shown first. Undefined: nothing. */
  readonly guard?: Guard;
  /** Never of a redirect. */
  readonly canary?: Canary;
  /** One route of its host changes paths, so ingress-nginx takes all of them as patterns. */
  readonly byPattern?: true;
}

import type { Address, Endpoint } from "../../topology/topology";

/** What a route may ask of the entry beside passing its requests on. */
export interface RouteOptions {
  /** Who may come in: everybody, whoever is on the operators' networks, or these networks. Default "public". */
  readonly audience?: Audience;
  /** What must be shown before a request is passed on. Default: nothing. */
  readonly authentication?: Authentication;
  /** Path in the place of the route's own, with whatever is below it: "/" for "/help" makes "/help/faq" "/faq". Default: none. */
  readonly rewrite?: string;
  /** What one client may ask for, at each node. Default: no limit. */
  readonly limits?: ClientLimits;
  /** What pages of other sites may ask for. Default: nothing is said of it. */
  readonly cors?: Cors;
  /** Set in each answer, by name. Default: none. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** A client's requests come to the pod that had its first one, as long as it is there. Default: to any. */
  readonly sticky?: Sticky;
}

export type Audience = "public" | "operators" | readonly string[];

export type Authentication = BasicAuthentication | ForwardAuthentication;

/** A name and a password, asked for by the browser itself. */
export interface BasicAuthentication {
  readonly kind: "basic";
  /** Variables of configuredSecrets or generatedSecrets that hold the passwords, by user: { mara: "DESK_PASSWORD" }. */
  readonly users: Readonly<Record<string, string>>;
}

/** An application of the estate is asked about each request, such as oauth2-proxy for OIDC. It answers 2xx, or 401. */
export interface ForwardAuthentication {
  readonly kind: "oidc";
  /** Its name among `apps`. */
  readonly app: string;
  /** Which of its web processes. Default "web". */
  readonly process?: string;
  /** Which of its ports. Default "http". */
  readonly port?: string;
  /** What is asked of it. Default "/oauth2/auth". */
  readonly path?: string;
  /** Where whoever is not known is sent: "https://login.keybuzz.io/oauth2/start". Default: they are refused. */
  readonly signIn?: string;
  /** Headers of its answer that the application gets: ["X-Auth-Request-Email"]. Default: none. */
  readonly passes?: readonly string[];
}

export interface ClientLimits {
  /** Five times as many at once are let through, the next ones are refused with 429. Default: no limit. */
  readonly requestsPerSecond?: number;
  /** At once. Default: no limit. */
  readonly connections?: number;
}

export interface Cors {
  /** "https://shop.keybuzz.io"; "https://*.keybuzz.io" is every host one label below; ["*"] is everybody. */
  readonly origins: readonly string[];
  /** Default: GET, PUT, POST, DELETE, PATCH, OPTIONS. */
  readonly methods?: readonly string[];
  /** Headers that they may send. Default: those that ingress-nginx lists, Authorization and Content-Type among them. */
  readonly headers?: readonly string[];
  /** With cookies and logins; not for everybody. Default false. */
  readonly credentials?: boolean;
}

export interface Sticky {
  /** Of the cookie. */
  readonly cookie: string;
  /** How long a browser keeps it. Default: until it is closed. */
  readonly maxAgeSeconds?: number;
}

/** Authentication with everything that it needs. */
export type Guard = BasicGuard | ForwardGuard;

export interface BasicGuard {
  readonly kind: "basic";
  /** Placeholders of the passwords, by user. */
  readonly passwords: Readonly<Record<string, string>>;
}

export interface ForwardGuard extends Pick<ForwardAuthentication, "signIn" | "passes"> {
  readonly kind: "oidc";
  readonly address: Address;
  readonly path: string;
}

/** A part of a process' requests for another version of it. */
export interface Canary {
  readonly endpoint: Endpoint;
  /** 1-99. */
  readonly percent: number;
}

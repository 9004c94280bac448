import { z } from "zod";
import { ADDRESS, HEADER, TOKEN, USER } from "../components/cluster/ingress/optionMistakes";
import { isCidr } from "../components/topology/addresses";
import { count, megabytes, seconds, text, urlPath, variable } from "./schemaParts";

// What is asked of the way from the internet. The types are those of components/cluster/ingress/routes.ts.

const network = text(
  (cidr) => isCidr(cidr) && !cidr.endsWith("/0"),
  "a network with zero host bits, and not the whole internet",
  "203.0.113.0/24",
);
const path = {
  path: urlPath,
  /** prefix: whole path segments. Default "prefix". */
  match: z.enum(["prefix", "exact"]).exactOptional(),
};

const httpsAddress = text(ADDRESS, "an https address without a query", "https://keybuzz.io/start");
const header = text(HEADER, "a header's name", "X-Frame-Options");
const user = text(USER, 'letters, digits, ".", "_", "@" and "-"', "mara");

const authentication = z.discriminatedUnion("kind", [
  z.strictObject({
    /** A name and a password, asked for by the browser itself. */
    kind: z.literal("basic"),
    /** Variables of configuredSecrets or generatedSecrets that hold the passwords, by user: { mara: "DESK_PASSWORD" }. */
    users: z.record(user, variable),
  }),
  z.strictObject({
    /** An application of the estate is asked about each request, such as oauth2-proxy. */
    kind: z.literal("oidc"),
    /** Its name among `apps`. */
    app: z.string(),
    /** Which of its web processes. Default "web". */
    process: z.string().exactOptional(),
    /** Which of its ports. Default "http". */
    port: z.string().exactOptional(),
    /** What is asked of it. Default "/oauth2/auth". */
    path: urlPath.exactOptional(),
    /** Where whoever is not known is sent. Default: they are refused. */
    signIn: httpsAddress.exactOptional(),
    /** Headers of its answer that the application gets. Default: none. */
    passes: z.array(header).exactOptional(),
  }),
]);

const options = {
  /** Who may come in: everybody, whoever is on keybuzz:operatorCidrs, or the networks named. Default "public". */
  audience: z.union([z.enum(["public", "operators"]), z.array(network).min(1)]).exactOptional(),
  /** What must be shown before a request is passed on. Default: nothing. */
  authentication: authentication.exactOptional(),
  /** Path in the place of the route's own, with whatever is below it. Default: none. */
  rewrite: urlPath.exactOptional(),
  /** What one client may ask for, at each node. Default: no limit. */
  limits: z
    .strictObject({
      /** Five times as many at once are let through. Default: no limit. */
      requestsPerSecond: count.exactOptional(),
      /** At once. Default: no limit. */
      connections: count.exactOptional(),
    })
    .exactOptional(),
  /** What pages of other sites may ask for. Default: nothing is said of it. */
  cors: z
    .strictObject({
      /** Scheme and host, "https://*.keybuzz.io" for every host one label below, or ["*"]. */
      origins: z.array(z.string()).min(1),
      /** Default: GET, PUT, POST, DELETE, PATCH, OPTIONS. */
      methods: z.array(z.string()).min(1).exactOptional(),
      /** Headers that they may send. Default: the usual ones, Authorization and Content-Type among them. */
      headers: z.array(header).min(1).exactOptional(),
      /** With cookies and logins. Default false. */
      credentials: z.boolean().exactOptional(),
    })
    .exactOptional(),
  /** Set in each answer, by name. Default: none. */
  responseHeaders: z.record(header, z.string()).exactOptional(),
  /** A client's requests come to the pod that had its first one. Default: to any. */
  sticky: z
    .strictObject({
      /** Name of the cookie. */
      cookie: text(TOKEN, 'letters, digits, "_" and "-"', "shop_pod"),
      /** How long a browser keeps it. Default: until it is closed. */
      maxAgeSeconds: z.int().min(1).exactOptional(),
    })
    .exactOptional(),
};
const bodyMb = {
  /** MB of the largest request body. Default 1. */
  maxBodyMb: megabytes.exactOptional(),
};
const answer = {
  /** Longest wait for the answer, and longest silence within it. Default 60. */
  responseTimeoutSeconds: seconds.exactOptional(),
};

/** What an application asks of every hop between the internet and its pods. */
export const route = z.discriminatedUnion("kind", [
  z.strictObject({
    /** Requests and answers of ordinary length. */
    kind: z.literal("http"),
    ...path,
    ...options,
    ...answer,
    ...bodyMb,
  }),
  z.strictObject({
    /** Connections that are upgraded. */
    kind: z.literal("websocket"),
    ...path,
    ...options,
    /** How often at least one side sends something. */
    heartbeatSeconds: seconds,
    /** Silence after which the connection is given up. Default: three heartbeats, at least 30. */
    idleTimeoutSeconds: seconds.meta({ examples: [90] }).exactOptional(),
  }),
  z.strictObject({
    /** Server-sent events, never buffered. */
    kind: z.literal("sse"),
    ...path,
    ...options,
    /** How often the application sends at least a comment; three of them must fit into web.idleTimeoutSeconds. */
    heartbeatSeconds: seconds,
    /** Until the first byte of the answer. */
    firstByteSeconds: seconds,
    ...bodyMb,
  }),
  z.strictObject({
    /** Large request bodies, passed on while they arrive. */
    kind: z.literal("upload"),
    ...path,
    ...options,
    /** MB of the largest request body. */
    maxBodyMb: megabytes,
    ...answer,
  }),
  z.strictObject({
    /** All clients are sent to one address; nothing comes to the application. */
    kind: z.literal("redirect"),
    ...path,
    /** Where to. */
    to: httpsAddress,
    /** Clients may remember it for ever. Default false. */
    permanent: z.boolean().exactOptional(),
  }),
  z.strictObject({
    /** Clients are sent to the same path elsewhere, such as from www to the domain itself. */
    kind: z.literal("moved"),
    /** A prefix; what is below it is added to `to`. */
    path: urlPath,
    /** prefix: whole path segments. Default "prefix". */
    match: z.literal("prefix").exactOptional(),
    /** Where to. */
    to: httpsAddress,
  }),
]);

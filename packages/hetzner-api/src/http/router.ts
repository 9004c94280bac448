import { randomUUID, timingSafeEqual } from "node:crypto";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { ApiError } from "./apiError";
import type { Query } from "./listing";
import type { RateLimit } from "./rateLimit";

/** A request, stripped to what a handler may use. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body?: object;
}

/** Synchronous: a handler is one transaction. */
export type Handler = (call: Call) => Answer;

export interface Router {
  get(path: string, handler: Handler): void;
  post(path: string, handler: Handler): void;
  put(path: string, handler: Handler): void;
  delete(path: string, handler: Handler): void;
}

export interface HttpOptions {
  readonly token: string;
  readonly readOnlyToken: string | undefined;
  readonly rateLimit: RateLimit;
  /** Wraps every handler; commits before the answer is sent. */
  readonly transaction: <T>(work: () => T) => T;
  /** What may go wrong, around that. */
  readonly weather: {
    add(endpoint: string): void;
    around(endpoint: string, call: Call, work: () => Answer): Answer;
  };
}

const BODY_LIMIT_BYTES = 1024 * 1024;

function sameToken(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function authorize(request: FastifyRequest, options: HttpOptions): void {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (sameToken(given, options.token)) return;
  if (options.readOnlyToken === undefined || !sameToken(given, options.readOnlyToken)) {
    throw new ApiError(401, "unauthorized", "unable to authenticate: the token is missing or unknown");
  }
  if (request.method !== "GET") throw new ApiError(401, "token_readonly", "the token may only read");
}

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return new ApiError(415, "unsupported_media_type", "send application/json");
  if (typeof statusCode === "number" && statusCode < 500)
    return new ApiError(400, "json_error", "the body is no valid JSON");
  return new ApiError(500, "server_error", error instanceof Error ? error.message : String(error));
}

function toQuery(raw: unknown): Query {
  return Object.fromEntries(
    Object.entries(raw as Record<string, string | string[]>).map(([key, value]) => [
      key,
      Array.isArray(value) ? value : [value],
    ]),
  );
}

/** The HTTP side: authentication, rate limit, envelopes, correlation ids. Routes live below /v1. */
export function createHttp(options: HttpOptions): { readonly app: FastifyInstance; readonly router: Router } {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, text, done) => {
    try {
      // Clients send actions without a body; some of them an empty one.
      done(null, text === "" ? {} : JSON.parse(text as string));
    } catch {
      done(new ApiError(400, "json_error", "the body is no valid JSON"), undefined);
    }
  });
  app.addHook("onRequest", async (request, reply) => {
    void reply.header("X-Correlation-Id", randomUUID().replaceAll("-", "").slice(0, 16));
    const { allowed, headers } = options.rateLimit.take();
    void reply.headers(headers);
    authorize(request, options);
    if (!allowed) throw new ApiError(429, "rate_limit_exceeded", "limit of requests reached, try again later");
  });
  app.setErrorHandler((error, _request, reply) => sendError(reply, toApiError(error)));
  app.setNotFoundHandler((request, reply) =>
    sendError(
      reply,
      new ApiError(
        404,
        "not_found",
        `${request.method} ${request.url.split("?")[0] ?? ""} is not an endpoint of the local cloud`,
      ),
    ),
  );
  const add = (method: "GET" | "POST" | "PUT" | "DELETE") => (path: string, handler: Handler) => {
    const endpoint = `${method} ${path}`;
    options.weather.add(endpoint);
    app.route({
      method,
      url: `/v1${path}`,
      handler: async (request, reply) => {
        const call = {
          params: request.params as Record<string, string>,
          query: toQuery(request.query),
          body: request.body,
        };
        const answer = options.weather.around(endpoint, call, () => options.transaction(() => handler(call)));
        return reply.status(answer.status).send(answer.body);
      },
    });
  };
  return { app, router: { get: add("GET"), post: add("POST"), put: add("PUT"), delete: add("DELETE") } };
}

function sendError(reply: FastifyReply, error: ApiError): FastifyReply {
  const body = { error: { code: error.code, message: error.message, details: error.details } };
  return reply.status(error.status).header("content-type", "application/json").send(JSON.stringify(body));
}

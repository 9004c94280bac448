import { createSecureContext, type SecureContextOptions, type TLSSocket } from "node:tls";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { parse } from "yaml";
import type { Authentication } from "./authentication";
import { Authorization } from "./authorization";
import { ApiError, badRequest } from "./wire/apiError";
import type { Cluster } from "./cluster";
import { apiGroup, groupList, resourceList, versionInfo } from "./discovery";
import { isObject, objectAt, textAt, type JsonObject } from "./wire/json";
import { believed, OWN_NAME, type Pki } from "./pki";
import { apiVersionOf, type ResourceType } from "./wire/resourceType";
import { selectorMatches } from "./selectors";
import { parseLabelSelector } from "./labelSelectorQuery";

/** A request's place: /api/v1/... or /apis/<group>/<version>/... */
interface Target {
  readonly type: ResourceType;
  /** "" for cluster-scoped kinds and for lists over all namespaces. */
  readonly namespace: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

export interface ApiServerOptions {
  readonly cluster: Cluster;
  readonly pki: Pki;
  readonly authentication: Authentication;
  /** Pods of workloads (see controllers/pods.ts). */
  readonly pods: (namespace?: string) => JsonObject[];
}

const patchTypes = [
  "application/apply-patch+yaml",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];
const open = new Set(["/healthz", "/livez", "/readyz", "/version"]);
/** What each method is called in a role's rules. */
const verbs: Readonly<Record<string, string>> = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" };

/**
 * The REST subset of the Kubernetes API that server-side-apply clients need, over HTTPS with client
 * certificates. Not served, with a plain answer: watch, OpenAPI documents, JSON patch, logs and exec.
 */
export function apiServer({ cluster, pki, authentication, pods }: ApiServerOptions): FastifyInstance {
  const own = createSecureContext(identity(pki, "own"));
  const authorization = new Authorization(cluster.store);
  const server = fastify({
    https: {
      ...identity(pki, "cluster"),
      SNICallback: (name, done) => done(null, name === OWN_NAME ? own : undefined),
      requestCert: true,
      rejectUnauthorized: false,
    },
    bodyLimit: 3 * 1024 * 1024,
    exposeHeadRoutes: false,
    // Node's default of 5 s makes kept-alive clients run into closed connections.
    keepAliveTimeout: 60_000,
    forceCloseConnections: true,
  });
  server.addContentTypeParser(
    [...patchTypes, "application/yaml", "application/json-patch+json"],
    { parseAs: "string" },
    (_request, body, done) => {
      try {
        done(null, parse(String(body)));
      } catch (error) {
        done(
          badRequest(`the body is neither YAML nor JSON: ${error instanceof Error ? error.message : String(error)}`),
        );
      }
    },
  );
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const known = error instanceof ApiError ? error : undefined;
    const code = error.statusCode ?? 500;
    const answer = known ?? new ApiError(code, code < 500 ? "BadRequest" : "InternalError", error.message);
    return reply.code(answer.code).send(answer.toStatus());
  });
  server.addHook("onRequest", async (request) => {
    const path = request.url.split("?")[0] ?? "";
    if (!open.has(path)) authentication.user(request.raw.socket as TLSSocket);
  });
  server.setNotFoundHandler(() => {
    throw noSuchPath();
  });

  for (const path of ["/healthz", "/livez", "/readyz"])
    server.get(path, (_request, reply) => reply.type("text/plain").send("ok"));
  server.get("/version", () => versionInfo());
  server.get("/api", () => ({ kind: "APIVersions", versions: ["v1"] }));
  server.get("/apis", () => groupList(cluster.registry.all()));
  server.get<{ Params: { group: string } }>("/apis/:group", ({ params }) =>
    found(apiGroup(cluster.registry.all(), params.group)),
  );

  const route = async (
    request: FastifyRequest,
    reply: FastifyReply,
    group: string,
    version: string,
    rest: string,
  ): Promise<unknown> => {
    if (rest === "") return found(resourceList(cluster.registry.all(), group, version));
    const target = parseTarget(cluster, group, version, rest);
    const { type, namespace, name, subresource } = target;
    authorization.require(authentication.user(request.raw.socket as TLSSocket), {
      verb: verbs[request.method] ?? (name === undefined ? "list" : "get"),
      group: type.group,
      resource: subresource === undefined ? type.plural : `${type.plural}/${subresource}`,
      namespace,
      name,
    });
    return answer(cluster, pods, request, reply, target);
  };
  server.all<{ Params: { version: string; "*": string } }>("/api/:version/*", (request, reply) =>
    route(request, reply, "", request.params.version, request.params["*"]),
  );
  server.get<{ Params: { version: string } }>("/api/:version", (request, reply) =>
    route(request, reply, "", request.params.version, ""),
  );
  server.all<{ Params: { group: string; version: string; "*": string } }>("/apis/:group/:version/*", (request, reply) =>
    route(request, reply, request.params.group, request.params.version, request.params["*"]),
  );
  server.get<{ Params: { group: string; version: string } }>("/apis/:group/:version", (request, reply) =>
    route(request, reply, request.params.group, request.params.version, ""),
  );
  return server;
}

/** Of the API towards its clients: as the cluster's, or as what the stand-in's own tools know. */
export function identity(pki: Pki, whose: keyof Pki): SecureContextOptions {
  const { serving } = pki[whose];
  return { key: serving.privateKey, cert: serving.certificate, ca: [...believed(pki)] };
}

const noSuchPath = (): ApiError => new ApiError(404, "NotFound", "the server could not find the requested resource");

function found<T>(value: T | undefined): T {
  if (value === undefined) throw noSuchPath();
  return value;
}

function parseTarget(cluster: Cluster, group: string, version: string, rest: string): Target {
  const steps = rest
    .split("/")
    .filter((step) => step !== "")
    .map(decodeURIComponent);
  const inNamespace = steps[0] === "namespaces" && steps.length > 2 && !["status", "finalize"].includes(steps[2] ?? "");
  const [plural = "", name, subresource] = inNamespace ? steps.slice(2) : steps;
  const type = found(cluster.registry.byPlural(group, version, plural));
  const namespace = inNamespace ? (steps[1] ?? "") : "";
  if (name !== undefined && type.namespaced !== inNamespace) throw noSuchPath();
  return { type, namespace, name, subresource };
}

const flag = (value: unknown): boolean => value === "true" || value === true;

async function answer(
  cluster: Cluster,
  pods: ApiServerOptions["pods"],
  request: FastifyRequest,
  reply: FastifyReply,
  target: Target,
): Promise<unknown> {
  const query = isObject(request.query) ? request.query : {};
  const { type, namespace, name, subresource } = target;
  const agent = (request.headers["user-agent"] ?? "unknown").split("/")[0] ?? "unknown";
  const options = { manager: textAt(query, "fieldManager") ?? agent, dryRun: query.dryRun === "All" };
  if (query.dryRun !== undefined && !options.dryRun)
    throw badRequest(`dryRun: ${JSON.stringify(query.dryRun)} is not supported, only All`);
  if (flag(query.watch))
    throw new ApiError(405, "MethodNotAllowed", "watch is not served by the in-process API; poll instead");
  if (
    subresource !== undefined &&
    !(subresource === "status" && (request.method === "GET" || request.method === "PATCH"))
  )
    throw noSuchPath();

  switch (request.method) {
    case "GET":
      return name === undefined ? list(cluster, pods, target, query) : one(cluster, pods, target, name);
    case "POST":
      if (name !== undefined) break;
      return reply.code(201).send(await cluster.create(type, namespace, body(request), options));
    case "PUT":
      if (name === undefined) break;
      return cluster.replace(type, namespace, name, body(request), options);
    case "PATCH":
      if (name === undefined) break;
      return patch(cluster, request, reply, { ...target, name }, query, options);
    case "DELETE": {
      if (name === undefined) break;
      const stated = isObject(request.body) ? request.body : {};
      const uid = textAt(stated, "preconditions", "uid");
      const policy = textAt(stated, "propagationPolicy") ?? textAt(query, "propagationPolicy");
      // A pod of a workload comes back at once: there is nothing to remove.
      if (type.plural === "pods" && virtualPod(pods, namespace, name) !== undefined)
        return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" };
      return cluster.remove(type, namespace, name, {
        dryRun: options.dryRun,
        orphan: policy === "Orphan",
        ...(uid === undefined ? {} : { uid }),
      });
    }
  }
  throw new ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

async function patch(
  cluster: Cluster,
  request: FastifyRequest,
  reply: FastifyReply,
  target: Target & { readonly name: string },
  query: JsonObject,
  options: { readonly manager: string; readonly dryRun: boolean },
): Promise<unknown> {
  const { type, namespace, name, subresource } = target;
  const contentType = (request.headers["content-type"] ?? "").split(";")[0]?.trim() ?? "";
  if (!patchTypes.includes(contentType))
    throw new ApiError(
      415,
      "UnsupportedMediaType",
      `the patch type ${contentType} is not served; use one of ${patchTypes.join(", ")}`,
    );
  if (subresource === "status") {
    if (contentType === "application/apply-patch+yaml")
      throw badRequest("status takes application/merge-patch+json only");
    return cluster.patchStatus(type, namespace, name, body(request));
  }
  if (contentType !== "application/apply-patch+yaml")
    return cluster.patch(
      type,
      namespace,
      name,
      body(request),
      contentType === "application/strategic-merge-patch+json",
      options,
    );
  if (textAt(query, "fieldManager") === undefined)
    throw badRequest("fieldManager: Required value: is required for apply patch");
  const { object, created } = await cluster.apply(type, namespace, name, body(request), {
    ...options,
    force: flag(query.force),
  });
  return reply.code(created ? 201 : 200).send(object);
}

function body(request: FastifyRequest): JsonObject {
  if (!isObject(request.body)) throw badRequest("the body must be one object");
  return request.body;
}

function virtualPod(pods: ApiServerOptions["pods"], namespace: string, name: string): JsonObject | undefined {
  return pods(namespace).find((pod) => textAt(pod, "metadata", "name") === name);
}

function one(cluster: Cluster, pods: ApiServerOptions["pods"], { type, namespace }: Target, name: string): JsonObject {
  const virtual = type.plural === "pods" && type.group === "" ? virtualPod(pods, namespace, name) : undefined;
  return virtual ?? cluster.get(type, namespace, name);
}

function list(
  cluster: Cluster,
  pods: ApiServerOptions["pods"],
  { type, namespace }: Target,
  query: JsonObject,
): JsonObject {
  const within = type.namespaced && namespace !== "" ? namespace : undefined;
  const stored = cluster.store.list(type.group, type.plural, within);
  const all = type.plural === "pods" && type.group === "" ? [...stored, ...pods(within)] : stored;
  const selector = textAt(query, "labelSelector");
  const field = textAt(query, "fieldSelector");
  if (field !== undefined && !/^metadata\.name=/.test(field))
    throw badRequest(`fieldSelector "${field}" is not served, only metadata.name=<name>`);
  const items = all
    .filter(
      (item) =>
        selector === undefined || selectorMatches(parseLabelSelector(selector), objectAt(item, "metadata", "labels")),
    )
    .filter(
      (item) => field === undefined || textAt(item, "metadata", "name") === field.replace(/^metadata\.name==?/, ""),
    );
  return {
    kind: `${type.kind}List`,
    apiVersion: apiVersionOf(type),
    metadata: { resourceVersion: cluster.store.resourceVersion },
    items,
  };
}

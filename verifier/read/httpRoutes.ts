import { readFilters } from "./httpRouteFilters";
import { commonHost, listenersFor, readParentRef, strange, type Gateway } from "./gateways";
import { at, integer, list, text, type EmittedResource } from "./graph";
import type { GatewayLimits, WebBackend, WebRoute } from "./webRoutes";

const GROUP = "gateway.networking.k8s.io";
const SPEC_FIELDS = ["parentRefs", "hostnames", "rules"];
const RULE_FIELDS = ["name", "matches", "filters", "backendRefs", "timeouts"];
const MATCH_FIELDS = ["path", "headers", "queryParams", "method"];
/** Method before headers before query parameters; each has 16 entries at most (Gateway API, HTTPRouteRule, matches). */
const METHOD_RANK = 32 * 32;
const HEADER_RANK = 32;

/** What HTTPRoutes are read against. */
export interface GatewayWorld {
  readonly gateways: readonly Gateway[];
  /** ReferenceGrants. */
  readonly grants: readonly EmittedResource[];
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>>;
}

interface Place {
  readonly host: string;
  readonly gateway: string;
  readonly unserved?: string;
}

/**
 * Every match of every rule of an HTTPRoute, for each of its host names. What is not understood goes to `problems`:
 * fields, kinds and filters that are not listed here, regular expressions, whose precedence is the controller's own.
 */
export function httpRoutes(
  { inputs, name: resource }: EmittedResource,
  world: GatewayWorld,
  problems: string[],
): readonly WebRoute[] {
  const namespace = text(at(inputs, "metadata", "namespace")) ?? "default";
  const name = text(at(inputs, "metadata", "name")) ?? resource;
  const label = `HTTPRoute ${namespace}/${name}`;
  const spec = at(inputs, "spec");
  const problem = (what: string): number => problems.push(`${label}: ${what}`);
  for (const field of strange(spec, SPEC_FIELDS)) problem(`spec.${field}`);
  const hostnames = list(at(spec, "hostnames")).flatMap((one) => text(one) ?? []);
  const places = list(at(spec, "parentRefs")).flatMap((ref) => placesOf(ref, namespace, hostnames, world, problem));
  const found = places.length > 0 ? places : nowhere(hostnames, "", "it names no Gateway (parentRefs)");
  // The API's defaults.
  const rules = list(at(spec, "rules"));
  let order = 0;
  return (rules.length > 0 ? rules : [{}]).flatMap((rule, index) => {
    const where = `rules[${index}]`;
    for (const field of strange(rule, RULE_FIELDS)) problem(`${where}.${field}`);
    for (const field of strange(at(rule, "timeouts"), ["request", "backendRequest"]))
      problem(`${where}.timeouts.${field}`);
    const backends = weighed(
      list(at(rule, "backendRefs")).flatMap((ref) => backendsOf(ref, namespace, where, world, problem)),
    );
    const matches = list(at(rule, "matches"));
    return (matches.length > 0 ? matches : [{}]).flatMap((match) => {
      const path = readMatch(match, where, problem);
      order += 1;
      const place = order;
      if (path === undefined) return [];
      const changes = readFilters(at(rule, "filters"), path, where, problem);
      return found.map(({ host, gateway, unserved }): WebRoute => {
        const limits: GatewayLimits = {
          controller: "gateway",
          gateway,
          request: text(at(rule, "timeouts", "request")),
          backendRequest: text(at(rule, "timeouts", "backendRequest")),
        };
        return {
          form: "HTTPRoute",
          name,
          namespace,
          host,
          ...path,
          order: place,
          backends,
          limits,
          ...(unserved === undefined ? {} : { unserved }),
          ...changes,
        };
      });
    });
  });
}

type Problem = (what: string) => unknown;

function nowhere(hostnames: readonly string[], gateway: string, unserved: string): readonly Place[] {
  return (hostnames.length > 0 ? hostnames : ["*"]).map((host) => ({ host, gateway, unserved }));
}

/** At which host names a parentRef makes a route answer. */
function placesOf(
  ref: unknown,
  namespace: string,
  hostnames: readonly string[],
  { gateways, namespaceLabels }: GatewayWorld,
  problem: Problem,
): readonly Place[] {
  const kind = text(at(ref, "kind")) ?? "Gateway";
  if (kind !== "Gateway" || (text(at(ref, "group")) ?? GROUP) !== GROUP) {
    problem(`parentRefs of kind ${kind}`);
    return [];
  }
  const parent = readParentRef(ref, namespace);
  const wanted = `Gateway ${parent.namespace}/${parent.name}`;
  const gateway = gateways.find(({ label }) => label === wanted);
  if (gateway === undefined) return nowhere(hostnames, wanted, `there is no ${wanted}`);
  const listeners = listenersFor(gateway, parent, namespace, namespaceLabels(namespace));
  if (typeof listeners === "string") return nowhere(hostnames, wanted, listeners);
  return (hostnames.length > 0 ? hostnames : ["*"]).map((wantedHost) => {
    const host = listeners.flatMap(({ hostname }) => commonHost(hostname, wantedHost) ?? [])[0];
    return host === undefined
      ? { host: wantedHost, gateway: wanted, unserved: `no listener of ${wanted} is for ${wantedHost}` }
      : { host, gateway: wanted };
  });
}

/** Undefined: not understood, and reported. */
function readMatch(
  match: unknown,
  where: string,
  problem: Problem,
): Pick<WebRoute, "path" | "match" | "condition" | "rank"> | undefined {
  for (const field of strange(match, MATCH_FIELDS)) problem(`${where}: match by ${field}`);
  const type = text(at(match, "path", "type")) ?? "PathPrefix";
  if (type !== "PathPrefix" && type !== "Exact") {
    problem(`${where}: path type ${type}, whose precedence is the controller's own`);
    return undefined;
  }
  const method = text(at(match, "method"));
  const headers = list(at(match, "headers"));
  const query = list(at(match, "queryParams"));
  // Whatever is asked of a header or parameter, a request without it is not taken.
  const condition = [
    ...(method === undefined ? [] : [`method ${method}`]),
    ...headers.map((one) => `header ${text(at(one, "name")) ?? ""}`),
    ...query.map((one) => `query parameter ${text(at(one, "name")) ?? ""}`),
  ].join(", ");
  return {
    path: text(at(match, "path", "value")) ?? "/",
    match: type === "Exact" ? "exact" : "prefix",
    rank: (method === undefined ? 0 : METHOD_RANK) + headers.length * HEADER_RANK + query.length,
    ...(condition === "" ? {} : { condition }),
  };
}

/** None for a weight of 0: nothing is sent there. */
function backendsOf(
  ref: unknown,
  namespace: string,
  where: string,
  { grants }: GatewayWorld,
  problem: Problem,
): readonly WebBackend[] {
  const kind = text(at(ref, "kind")) ?? "Service";
  if (kind !== "Service" || (text(at(ref, "group")) ?? "") !== "") {
    problem(`${where}: backendRefs of kind ${kind}`);
    return [];
  }
  for (const filter of list(at(ref, "filters")))
    problem(`${where}.backendRefs: filter ${text(at(filter, "type")) ?? ""}`);
  const weight = integer(at(ref, "weight")) ?? 1;
  if (weight === 0) return [];
  const target = text(at(ref, "namespace")) ?? namespace;
  const service = text(at(ref, "name")) ?? "";
  const backend = { namespace: target, service, port: integer(at(ref, "port")) ?? 0, percent: weight };
  const granted = target === namespace || grants.some((grant) => permits(grant, namespace, target, service));
  return [
    granted
      ? backend
      : {
          ...backend,
          refused: `it is in namespace ${target}, where no ReferenceGrant lets HTTPRoutes of ${namespace} refer to Service ${service}`,
        },
  ];
}

/** Parts of a hundred in the place of weights. */
function weighed(backends: readonly WebBackend[]): readonly WebBackend[] {
  const sum = backends.reduce((all, { percent }) => all + percent, 0);
  return backends.map((one) => ({ ...one, percent: (100 * one.percent) / sum }));
}

/** gateway-api.sigs.k8s.io, ReferenceGrant. */
function permits({ inputs }: EmittedResource, from: string, to: string, service: string): boolean {
  return (
    text(at(inputs, "metadata", "namespace")) === to &&
    list(at(inputs, "spec", "from")).some(
      (one) =>
        text(at(one, "group")) === GROUP &&
        text(at(one, "kind")) === "HTTPRoute" &&
        text(at(one, "namespace")) === from,
    ) &&
    list(at(inputs, "spec", "to")).some(
      (one) =>
        text(at(one, "group")) === "" &&
        text(at(one, "kind")) === "Service" &&
        (at(one, "name") === undefined || text(at(one, "name")) === service),
    )
  );
}

import { flowLabel, readDeclaration, type Declaration, type DeclaredFlow, type DeclaredRoute } from "./declaration";
import type { EmittedGraph } from "./read/graph";
import { pathOf, routePaths, type SilenceLimit } from "./pathOf";
import { Paths } from "./walk/paths";
import type { Trail } from "./walk/steps";
import { isNamed, named, remedyFor, undeclaredFlows } from "./explainUndeclared";
import { buildWorld, type World } from "./read/world";

/**
 * The path of the flows between two ends, hop by hop with every filter and limit on it.
 *
 * Where nobody declared a flow it is asked all the same: which filter stops it first, and what to declare.
 *
 * `from`: "chatwoot-web", "bastion", "the internet"; `to`: "postgres:5432", "minio/api", "support.keybuzz.io/cable".
 *
 * @throws UnknownEndError naming all ends that exist.
 */
export function explain(graph: EmittedGraph, from: string, to: string): string {
  const declaration = readDeclaration(graph);
  if (declaration === undefined) return "Nothing is declared: no Platform resource carries the declaration.";
  const world = buildWorld(graph);
  const paths = new Paths(world);
  const route = routeText(world, declaration, to);
  const flows = declaration.flows.filter((flow) => named(flow.from, from) && isNamed(flow.to, to));
  if (flows.length === 0 && route === undefined) {
    return undeclaredFlows(world, declaration, from, to)
      .flatMap((flow) => [flowText(paths, flow), remedyFor(flow)])
      .join("\n");
  }
  return [...flows.map((flow) => flowText(paths, flow)), ...(route === undefined ? [] : [route])].join("\n\n");
}

function flowText(paths: Paths, flow: DeclaredFlow): string {
  const { all, blocked, trails, limits } = pathOf(paths, flow);
  return [
    flowLabel(flow),
    `  for: ${flow.purpose}`,
    `  ${all} paths, ${blocked === 0 ? "all open" : `${blocked} blocked`}; one of each shape:`,
    ...trails.flatMap(trailText),
    ...limits.map(limitText),
  ].join("\n");
}

function trailText({ label, steps }: Trail): readonly string[] {
  return [
    `  ${label}`,
    ...steps.map(({ ok, at, rule, value, remedy }) =>
      ok ? `    passes   ${at}: ${rule}   [${value}]` : `    BLOCKED  ${at}: missing ${rule}   [${value}]; ${remedy}`,
    ),
  ];
}

function limitText({ at, rule, seconds }: SilenceLimit): string {
  const what = seconds === undefined ? "does not close silent connections" : `${seconds} s of silence`;
  return `  limit: ${at}${rule === undefined ? "" : `, ${rule}`}: ${what}`;
}

/** The chain of limits of a public route. */
function routeText(world: World, declaration: Declaration, to: string): string | undefined {
  const route = declaration.routes.find(({ host, path }) => `${host}${path}` === to || host === to);
  if (route === undefined) return undefined;
  const ways = routePaths(world, declaration, route);
  if (ways === undefined) return `${route.kind} ${route.host}${route.path}: no Ingress or HTTPRoute serves it`;
  if (route.sentTo !== undefined)
    return `${route.kind} ${route.host}${route.path}: clients are sent to ${route.sentTo.to}${route.sentTo.keepsPath ? " and what is below" : ""}`;
  return [
    `${route.kind} ${route.host}${route.path} -> ${route.namespace}/${route.app}: for ${route.audience?.join(", ") ?? "everybody"}${loginText(route)}, silence of ${route.silenceSeconds} s, bodies of ${route.maxBodyMb} MiB`,
    ...ways.flatMap(({ condition, hops }) => [
      ...(condition === undefined ? [] : [`  with ${condition}:`]),
      ...hops.map(({ hop, rule, idle, total }) => `  limit: ${hop}: ${limitsText(idle, total)} (${rule})`),
    ]),
  ].join("\n");
}

function loginText({ authentication }: DeclaredRoute): string {
  if (authentication === undefined) return "";
  if (authentication.kind === "basic") return `, with a password (${authentication.users.join(", ")})`;
  return `, whom ${authentication.namespace}/${authentication.app} knows`;
}

function limitsText(idle: number, total: number): string {
  if (total === Infinity) return idle === Infinity ? "none" : `${idle} s of silence`;
  return `${idle === Infinity ? "" : `${idle} s of silence, `}${total} s in all`;
}

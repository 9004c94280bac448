import { flowLabel, readDeclaration, type Declaration, type DeclaredFlow, type DeclaredRoute } from "./declaration";
import { flowTrails } from "./walk/flowTrails";
import type { EmittedGraph } from "./read/graph";
import { idleLimits } from "./ask/patientConnections";
import { balancerOf } from "./walk/parties";
import { routeHops, servedBy } from "./ask/patient";
import { Paths } from "./walk/paths";
import { blockedAt, serviceAt, type Trail } from "./walk/steps";
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
  let all = 0;
  let closed = 0;
  const shown = new Map<string, Trail>();
  // One path of each shape; a blocked one before those that are open.
  for (const { trail, times } of flowTrails(paths, flow)) {
    all += times;
    if (blockedAt(trail) !== undefined) closed += times;
    const shape = trail.steps.map(({ at }) => at.replaceAll(/\d+/g, "#")).join(" > ");
    const known = shown.get(shape);
    if (known === undefined || (blockedAt(known) === undefined && blockedAt(trail) !== undefined))
      shown.set(shape, trail);
  }
  return [
    flowLabel(flow),
    `  for: ${flow.purpose}`,
    `  ${all} paths, ${closed === 0 ? "all open" : `${closed} blocked`}; one of each shape:`,
    ...[...shown.values()].flatMap(trailText),
    ...limitText(paths, flow),
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

/** How long the hops behind a balancer's port bear silence. */
function limitText(paths: Paths, { to }: DeclaredFlow): readonly string[] {
  const balancer = balancerOf(paths.world, to.provider);
  if (balancer === undefined) return [];
  const service = serviceAt(balancer, to.port);
  if (service === undefined) return [];
  const own =
    service.idleSeconds === undefined ? "does not close silent connections" : `${service.idleSeconds} s of silence`;
  return [
    `  limit: ${balancer.name}:${service.port}: ${own}`,
    ...balancer.targets.flatMap((target) =>
      idleLimits(paths, target, service.destinationPort).map(
        ({ rule, seconds }) => `  limit: ${target.name}, ${rule}: ${seconds} s of silence`,
      ),
    ),
  ];
}

/** The chain of limits of a public route. */
function routeText(world: World, declaration: Declaration, to: string): string | undefined {
  const route = declaration.routes.find(({ host, path }) => `${host}${path}` === to || host === to);
  if (route === undefined) return undefined;
  const routes = servedBy(world.cluster, route);
  if (routes === undefined) return `${route.kind} ${route.host}${route.path}: no Ingress or HTTPRoute serves it`;
  if (route.sentTo !== undefined)
    return `${route.kind} ${route.host}${route.path}: clients are sent to ${route.sentTo.to}${route.sentTo.keepsPath ? " and what is below" : ""}`;
  return [
    `${route.kind} ${route.host}${route.path} -> ${route.namespace}/${route.app}: for ${route.audience?.join(", ") ?? "everybody"}${loginText(route)}, silence of ${route.silenceSeconds} s, bodies of ${route.maxBodyMb} MiB`,
    ...routes.flatMap((one) => [
      ...(one.condition === undefined ? [] : [`  with ${one.condition}:`]),
      ...routeHops(world, declaration, route, one).map(
        ({ hop, rule, idle, total }) => `  limit: ${hop}: ${limitsText(idle, total)} (${rule})`,
      ),
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

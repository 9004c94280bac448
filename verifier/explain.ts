import { flowLabel, partyLabel, readDeclaration, type Declaration, type DeclaredFlow } from "./declaration";
import { flowTrails } from "./walk/flowTrails";
import type { EmittedGraph } from "./read/graph";
import { idleLimits } from "./ask/patientConnections";
import { balancerOf } from "./walk/parties";
import { routeHops, servedBy } from "./ask/patient";
import { Paths } from "./walk/paths";
import { blockedAt, serviceAt, type Trail } from "./walk/steps";
import { buildWorld, type World } from "./read/world";

/** Names that nobody in the estate has, and what there is instead. */
export class UnknownEndError extends Error {
  constructor(which: string, value: string, known: readonly string[]) {
    super(`${which} "${value}" is not an end of any declared flow; there are:\n  ${known.join("\n  ")}`);
    this.name = "UnknownEndError";
  }
}

/**
 * The path of the flows between two ends, hop by hop with every filter and limit on it.
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
  const leaving = declaration.flows.filter((flow) => named(flow.from, from));
  if (leaving.length === 0) {
    throw new UnknownEndError("--from", from, unique(declaration.flows.map((flow) => partyLabel(flow.from))));
  }
  const flows = leaving.filter((flow) => leadsTo(flow, to));
  if (flows.length === 0 && route === undefined) {
    throw new UnknownEndError(
      "--to",
      to,
      unique(leaving.map(({ to: end }) => `${end.id} (${partyLabel(end.provider)}:${end.port})`)),
    );
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
  return [
    `${route.kind} ${route.host}${route.path} -> ${route.namespace}/${route.app}: for ${route.audience?.join(", ") ?? "everybody"}, silence of ${route.silenceSeconds} s, bodies of ${route.maxBodyMb} MiB`,
    ...routes.flatMap((one) => [
      ...(one.condition === undefined ? [] : [`  with ${one.condition}:`]),
      ...routeHops(world, declaration, route, one).map(
        ({ hop, rule, idle, total }) => `  limit: ${hop}: ${limitsText(idle, total)} (${rule})`,
      ),
    ]),
  ].join("\n");
}

function limitsText(idle: number, total: number): string {
  if (total === Infinity) return idle === Infinity ? "none" : `${idle} s of silence`;
  return `${idle === Infinity ? "" : `${idle} s of silence, `}${total} s in all`;
}

function named(party: DeclaredFlow["from"], name: string): boolean {
  const label = partyLabel(party);
  if (label === name || party.kind === name) return true;
  if (party.kind === "pods") return party.app === name;
  return party.kind === "hosts" && (party.group === name || party.hosts.includes(name));
}

/** "postgres:5432" names an endpoint by the beginning of its id, or by its provider, and its port. */
function leadsTo({ to }: DeclaredFlow, wanted: string): boolean {
  const [name = "", port] = wanted.split(":");
  if (port !== undefined && Number(port) !== to.port) return false;
  return to.id === name || to.id.split("/")[0] === name || named(to.provider, name);
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}

import type { Declaration, DeclaredFlow, DeclaredRoute } from "./declaration";
import type { HopLimits } from "./ask/hops";
import { idleLimits } from "./ask/patientConnections";
import { routeHops, servedBy } from "./ask/patient";
import type { World } from "./read/world";
import { flowTrails } from "./walk/flowTrails";
import { balancerOf } from "./walk/parties";
import type { Paths } from "./walk/paths";
import { blockedAt, serviceAt, type Trail } from "./walk/steps";

/** How a declared flow comes through. */
export interface FlowPath {
  /** Pairs of one source and one destination, and how many of them are blocked. */
  readonly all: number;
  readonly blocked: number;
  /** One of each shape; a blocked one before those that are open. */
  readonly trails: readonly Trail[];
  /** How long the hops behind a balancer's port bear silence. */
  readonly limits: readonly SilenceLimit[];
}

export interface SilenceLimit {
  readonly at: string;
  /** Where it is set; undefined: the hop itself has none to set. */
  readonly rule: string | undefined;
  /** Undefined: it does not close silent connections. */
  readonly seconds: number | undefined;
}

/** The path of a flow, hop by hop with every filter and limit on it. */
export function pathOf(paths: Paths, flow: DeclaredFlow): FlowPath {
  let all = 0;
  let blocked = 0;
  const shown = new Map<string, Trail>();
  for (const { trail, times } of flowTrails(paths, flow)) {
    all += times;
    if (blockedAt(trail) !== undefined) blocked += times;
    const shape = trail.steps.map(({ at }) => at.replaceAll(/\d+/g, "#")).join(" > ");
    const known = shown.get(shape);
    if (known === undefined || (blockedAt(known) === undefined && blockedAt(trail) !== undefined))
      shown.set(shape, trail);
  }
  return { all, blocked, trails: [...shown.values()], limits: silenceLimits(paths, flow) };
}

function silenceLimits(paths: Paths, { to }: DeclaredFlow): readonly SilenceLimit[] {
  const balancer = balancerOf(paths.world, to.provider);
  const service = balancer === undefined ? undefined : serviceAt(balancer, to.port);
  if (balancer === undefined || service === undefined) return [];
  return [
    { at: `${balancer.name}:${service.port}`, rule: undefined, seconds: service.idleSeconds },
    ...balancer.targets.flatMap((target) =>
      idleLimits(paths, target, service.destinationPort).map(({ rule, seconds }) => ({
        at: target.name,
        rule,
        seconds,
      })),
    ),
  ];
}

/** What takes a route's requests, and the limits on their way; several where requests are told apart. */
export interface RoutePath {
  /** What a request must have to come this way; undefined: nothing. */
  readonly condition: string | undefined;
  /** From the outside in. */
  readonly hops: readonly HopLimits[];
}

/** @returns undefined: nothing serves it; none: clients are sent elsewhere. */
export function routePaths(
  world: World,
  declaration: Declaration,
  route: DeclaredRoute,
): readonly RoutePath[] | undefined {
  const routes = servedBy(world.cluster, route);
  if (routes === undefined || route.sentTo !== undefined) return routes === undefined ? undefined : [];
  return routes.map((one) => ({ condition: one.condition, hops: routeHops(world, declaration, route, one) }));
}

import { flowLabel, readDeclaration, type Declaration, type DeclaredFlow, type DeclaredRoute } from "./declaration";
import { isNamed, isOwnHost, named, narrowed, readEnd, UnknownEndError } from "./explainEnds";
import { partiesOf, remedyFor, sourcesOf, undeclaredFlows, unusualTrails } from "./explainUndeclared";
import type { EmittedGraph } from "./read/graph";
import { pathOf, routePaths, type SilenceLimit } from "./pathOf";
import { Paths } from "./walk/paths";
import { blockedAt, type Trail } from "./walk/steps";
import { buildWorld, type World } from "./read/world";

/**
 * The path of the flows between two ends, hop by hop with every filter and limit on it.
 *
 * Where nobody declared a flow it is asked all the same: which filter stops it first, and what to declare.
 *
 * `from`: "chatwoot-web", "bastion-01", a namespace, "the internet"; `to`: "postgres:5432", "minio/api", an address,
 * "support.keybuzz.io/cable", or a host of the internet.
 *
 * @throws UnknownEndError naming all ends that exist.
 */
export function explain(graph: EmittedGraph, from: string, to: string): string {
  const declaration = readDeclaration(graph);
  if (declaration === undefined) return "Nothing is declared: no Platform resource carries the declaration.";
  const world = buildWorld(graph);
  const paths = new Paths(world);
  const parties = partiesOf(world, declaration);
  // Whoever begins to talk does so from any port.
  const sender = readEnd(world, declaration, from.replace(/:\d+$/, ""));
  const source = sender.name.replace(/^internet:\d+$/, "internet");
  const sources = sourcesOf(parties, source);
  const address = to.replace(/^https?:\/\//, "").replace(/:443(?=\/|$)/, "");
  const routes = routesTo(declaration, address);
  const receiver = routes.length > 0 ? { name: "internet:443" } : readEnd(world, declaration, to);
  const [host = ""] = address.split(/[/:]/);
  if (routes.length === 0 && isOwnHost(declaration, host) && !parties.some((party) => named(party, host)))
    throw new UnknownEndError("--to", to, [
      ...[...new Set(declaration.routes.map((route) => route.host))].sort(),
      `or what a process shows there: expose: [{ host: "${host}" }] (docs/applications.md)`,
    ]);
  const notes = [sender, receiver].flatMap(({ note }) => (note === undefined ? [] : [`${note}.`]));
  const answered = routes.map((route) => routeText(world, declaration, route));
  // From outside a public host is a route alone; whoever is inside must come out first.
  if (routes.length > 0 && sources.every(({ kind }) => kind === "internet" || kind === "operators"))
    return [...notes, ...answered].join("\n\n");
  const flows = flowsBetween(declaration, source, receiver.name);
  const asked =
    flows.length > 0
      ? flows.map((flow) => flowText(paths, flow))
      : [
          undeclaredFlows(parties, declaration, sources, receiver.name)
            .map((flow) => flowText(paths, flow, remedyFor(flow)))
            .join("\n"),
        ];
  return [...notes, ...asked, ...answered].join("\n\n");
}

function flowsBetween({ flows }: Declaration, from: string, to: string): readonly DeclaredFlow[] {
  const [name = ""] = to.split(":");
  return flows
    .filter((flow) => named(flow.from, from) && isNamed(flow.to, to))
    .map((flow) => ({
      ...flow,
      from: narrowed(flow.from, from),
      to: { ...flow.to, provider: narrowed(flow.to.provider, name) },
    }));
}

/** All routes at a host; of a path, the one that takes it. */
function routesTo({ routes }: Declaration, address: string): readonly DeclaredRoute[] {
  const [host = ""] = address.split("/");
  const path = address.slice(host.length);
  const there = routes.filter((route) => route.host === host);
  if (path === "") return there;
  const takes = there.filter((route) => path === route.path || path.startsWith(route.path.replace(/\/?$/, "/")));
  return takes.sort((a, b) => b.path.length - a.path.length).slice(0, 1);
}

function flowText(paths: Paths, flow: DeclaredFlow, remedy?: string): string {
  const { all: usual, blocked: stopped, trails: followed, limits } = pathOf(paths, flow);
  const unusual = usual > 0 ? [] : unusualTrails(paths, flow);
  const all = usual + unusual.length;
  const blocked = stopped + unusual.filter((trail) => blockedAt(trail) !== undefined).length;
  const trails = [...followed, ...unusual];
  return [
    flowLabel(flow),
    `  for: ${flow.purpose}`,
    `  ${all} paths, ${blocked === 0 ? "all open" : `${blocked} blocked`}; one of each shape:`,
    ...trails.flatMap(trailText),
    ...limits.map(limitText),
    ...(remedy === undefined ? [] : [blocked > 0 ? remedy : "  It is open, though nobody declared it."]),
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
function routeText(world: World, declaration: Declaration, route: DeclaredRoute): string {
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
